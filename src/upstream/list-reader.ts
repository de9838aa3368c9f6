// One upstream list as one request reads it: its pages, and whether the budget has room for several of them.
import type { Caller, Room } from './caller.ts';
import type { Place } from './dialects.ts';
import type { Governor } from './governor.ts';
import type { ListQuery } from './list-query.ts';
import { assertFiltered } from './meets-filter.ts';
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
   * Reads one page, or reuses one that another request has just read.
   *
   * @param afresh - whether to reject pages read before this call.
   * @throws the errors of `Videos.list`; and FilterIgnoredError if a video on it does not meet the filter.
   */
  async page(query: ListQuery, afresh: boolean): Promise<VideoPage> {
    const page = await this.#videos.list(this.#list, query, 'read', this.#caller, toSince(afresh));
    if (query.filter) assertFiltered(page.videos, query.filter);
    return page;
  }

  /**
   * Whether there is room for more pages that are useful only together, once the first one is read.
   *
   * @param afresh - as for `page`.
   * @throws {BudgetExhaustedError} if only a later window has room, after the caller's deadline.
   */
  async roomFor(queries: readonly ListQuery[], afresh: boolean): Promise<Room> {
    const calls = await this.#videos.cost(this.#list, queries, this.#caller, toSince(afresh));
    return this.#governor.roomForReads(calls, this.#caller);
  }
}

/** How recently another request must have begun a read for its page to be reused. */
function toSince(afresh: boolean): number | undefined {
  return afresh ? performance.now() : undefined;
}
