// One list of upstream as one request reads it: its pages, and whether the budget has room for many of them.
import type { Caller } from './caller.ts';
import type { Place } from './dialects.ts';
import type { Governor, Room } from './governor.ts';
import type { ListQuery } from './list-query.ts';
import type { VideoPage } from './shapes.ts';
import type { Videos } from './videos.ts';

export class ListReader {
  readonly #videos: Videos;
  readonly #governor: Governor;
  readonly #list: Place;
  readonly #caller: Caller;

  constructor(options: { videos: Videos; governor: Governor; list: Place; caller: Caller }) {
    this.#videos = options.videos;
    this.#governor = options.governor;
    this.#list = options.list;
    this.#caller = options.caller;
  }

  /**
   * Reads one page, or takes the one that was just read for another request.
   *
   * @param afresh - a page from before this call will not do.
   * @throws the errors of `Videos.list`.
   */
  page(query: ListQuery, afresh: boolean): Promise<VideoPage> {
    return this.#videos.list(this.#list, query, 'read', this.#caller, toSince(afresh));
  }

  /**
   * Whether there is room for more pages that are of use only together, once the first one is read.
   *
   * @param afresh - as they will be read.
   * @throws {BudgetExhaustedError} if there is room in a later window, after the caller's deadline.
   */
  async roomFor(queries: readonly ListQuery[], afresh: boolean): Promise<Room> {
    const calls = await this.#videos.cost(this.#list, queries, this.#caller, toSince(afresh));
    return this.#governor.roomForReads(calls, this.#caller);
  }
}

/** From when on a page that another request has read will do. */
function toSince(afresh: boolean): number | undefined {
  return afresh ? performance.now() : undefined;
}
