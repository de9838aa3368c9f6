// The ids that earlier searches have missed, so that the same call made again goes on from there. A miss proves nothing by
// itself: `search.ts` says what does.
import { LRUCache } from 'lru-cache';
import { toOwnText } from '../upstream/video-id.ts';

const KEPT_MS = 10 * 60_000;
/** Some five megabytes. */
const MOST = 50_000;

/** That only the first place was looked at, which counts for nothing but the order. */
const HALF = Number.POSITIVE_INFINITY;

export class Misses {
  readonly #ids = new LRUCache<string, number>({ maxSize: MOST, sizeCalculation: () => 1, ttl: KEPT_MS });

  /**
   * Records that a whole round of reads, of every place, did not show the video.
   *
   * @param countsFrom - when the last of them ended, on the clock of `performance.now()`. The call that began the round had
   *   asked for the video by then, so a video that is there was created before.
   */
  note(id: string, countsFrom: number): void {
    this.#ids.set(toOwnText(id), countsFrom);
  }

  /** Records that the first place did not show the video. */
  noteHalf(id: string): void {
    if (!this.#ids.has(id)) this.#ids.set(toOwnText(id), HALF);
  }

  /** Call this when upstream shows the video, or an act of ours may have moved it. */
  end(id: string): void {
    this.#ids.delete(id);
  }

  /** Whether any read has missed the video. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The `countsFrom` of the latest round that missed the video; undefined if there was none. */
  countsFrom(id: string): number | undefined {
    const from = this.#ids.get(id);
    return from === HALF ? undefined : from;
  }
}
