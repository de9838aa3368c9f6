// The walks through the lists of one project: one at a time for each list, which all calls share. It decides when a walk
// takes fewer reads than looking up the videos one by one.
import type { Caller, ReadKind } from '../upstream/caller.ts';
import type { Place } from '../upstream/dialects.ts';
import type { Videos } from '../upstream/videos.ts';
import { askFirst } from './ask-first.ts';
import { type Follower, ListWalk, LONGEST_LIST } from './list-walk.ts';
import { PAGE_SIZE } from './walk-page.ts';

/** Up to this many videos are looked up one by one, without considering the list. */
export const FEW = 4;
/** How long after its latest page a walk goes on, or counts. */
const KEPT_MS = 2 * 60_000;

export class ListWalks {
  readonly #videos: Videos;
  readonly #walks: Partial<Record<Place, ListWalk>> = {};

  constructor(videos: Videos) {
    this.#videos = videos;
  }

  /** When the current walk of a list began, on the clock of `performance.now()`. */
  beganAt(place: Place): number | undefined {
    return this.#walks[place]?.beganAt;
  }

  /**
   * Whether walking through a list takes fewer reads than looking up these videos, as far as that is known.
   *
   * @param since - only a walk that began no earlier counts.
   * @returns what to pass to `join` as `since`; undefined if it does not.
   */
  plan(place: Place, ids: readonly string[], since: number): number | undefined {
    if (ids.length <= FEW) return undefined;
    const walk = this.#walks[place];
    const total = this.#videos.lastTotal(place) ?? 0;
    if (walk?.isVoid || total > LONGEST_LIST) return undefined;
    const anew = Math.ceil(total / PAGE_SIZE);
    if (!walk || walk.beganAt < since) return anew < ids.length ? since : undefined;
    // The pages that it has read are not kept: what they showed has to be looked up.
    const joined = (walk.pagesLeft ?? anew) + ids.filter((id) => walk.has(id)).length;
    if (anew < joined && !walk.isFollowed) return anew < ids.length ? performance.now() : undefined;
    return joined < ids.length ? since : undefined;
  }

  /** Reads the first page of a list whose length is not known. @throws the errors of `Videos.list`. */
  async learnLength(place: Place, kind: ReadKind, caller: Caller): Promise<void> {
    if (this.#videos.lastTotal(place) === undefined) await this.#readPage(place, 1, kind, caller);
  }

  /**
   * The walk that is under way or has ended lately, if it began no earlier than that, or a new one. If others read one that
   * began earlier, the new one begins after that.
   *
   * @throws the errors of `ListWalk.nextChange` and `askFirst`.
   */
  async join(place: Place, since: number, kind: ReadKind, caller: Caller): Promise<ListWalk> {
    // It shows what others read.
    await askFirst(this.#videos, kind, caller);
    for (;;) {
      const walk = this.#walks[place];
      if (walk && walk.beganAt >= since) return walk;
      if (!walk?.isFollowed) return this.#begin(place);
      await walk.nextChange(caller);
    }
  }

  /** How a caller reads the pages of a walk. */
  reader(place: Place, walk: ListWalk, kind: ReadKind, caller: Caller): Follower['readPage'] {
    return (page) => this.#readPage(place, page, kind, caller, walk.beganAt);
  }

  #readPage(place: Place, currentPage: number, kind: ReadKind, caller: Caller, since?: number) {
    // Oldest first: new videos then only append to the list.
    const query = { currentPage, pageSize: PAGE_SIZE, sortBy: 'createdAt', sortOrder: 'asc' } as const;
    return this.#videos.list(place, query, kind, caller, since);
  }

  #begin(place: Place): ListWalk {
    const walks = this.#walks;
    // It must not refer to anything else: a timer keeps what it refers to, and so the project.
    const forget = () => {
      if (walk.isFollowed) timer.refresh();
      else if (walks[place] === walk) delete walks[place];
    };
    const timer = setTimeout(forget, KEPT_MS).unref();
    const walk = new ListWalk(() => timer.refresh());
    walks[place] = walk;
    return walk;
  }
}
