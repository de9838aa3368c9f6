// Looks at all videos of a batch before it writes to them, in the fewest reads. It holds no locks: acts of this gateway
// that end meanwhile make its looks outdated.

import type { Caller } from '../upstream/caller.ts';
import { type Found, findMany } from '../upstream/find-many.ts';
import { pause } from '../upstream/pause.ts';
import type { Videos } from '../upstream/videos.ts';
import { LIVE_FIRST, type Look } from './look.ts';

/** `begunAt`: when the first read began on which it rests, on the clock of `performance.now()`. */
export type LookAhead = { readonly look: Look; readonly begunAt: number };

type Round = { readonly found: ReadonlyMap<string, Found>; readonly begunAt: number };

export class LooksAhead {
  readonly #videos: Videos;
  readonly #caller: Caller;
  readonly #ids: ReadonlySet<string>;
  readonly #first: Promise<Round>;
  /** For the videos that the first round missed, once the lag is over; undefined if the time runs out before. */
  readonly #second: Promise<Round | undefined>;

  /** Starts to look at these videos. */
  constructor(videos: Videos, ids: readonly string[], caller: Caller) {
    this.#videos = videos;
    this.#caller = caller;
    this.#ids = new Set(ids);
    this.#first = this.#look(ids);
    this.#second = this.#first.then(async ({ found }) => {
      const missed = ids.filter((id) => found.get(id) === null);
      if (missed.length === 0 || !(await pause(videos.lagMs, caller))) return undefined;
      return this.#look(missed);
    });
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** What is seen of one of these videos. Those that the first round shows wait for no other. */
  async of(id: string): Promise<LookAhead> {
    const first = await this.#first;
    const found = first.found.get(id);
    if (found !== null) return { look: toLook(found, first), begunAt: first.begunAt };
    const second = await this.#second;
    const again = second?.found.get(id);
    if (again === null) return { look: { kind: 'absent' }, begunAt: first.begunAt };
    const { begunAt } = second ?? first;
    return { look: toLook(again, { begunAt }), begunAt };
  }

  async #look(ids: readonly string[]): Promise<Round> {
    const begunAt = performance.now();
    return { found: await findMany(this.#videos, ids, LIVE_FIRST, 'check', this.#caller), begunAt };
  }
}

/** @param found - undefined if there was no time to look. */
function toLook(found: Exclude<Found, null> | undefined, { begunAt }: Pick<Round, 'begunAt'>): Look {
  if (found === undefined || found instanceof Error) return { kind: 'unavailable', cause: found };
  return { kind: found.removed ? 'removed' : 'live', video: found, begunAt };
}
