// The ids that are proved to belong to no video, so that the same call made again needs no proof again. An id never comes
// back: upstream gives each video a new one.
import { LRUCache } from 'lru-cache';
import { toOwnText } from '../upstream/video-id.ts';
import type { RecentWrites } from './recent-writes.ts';

const KEPT_MS = 24 * 3_600_000;
/** Some five megabytes. */
const MOST = 50_000;

export class Absences {
  // With `max`, it would reserve the memory of all of them at once.
  readonly #ids = new LRUCache<string, number>({ maxSize: MOST, sizeCalculation: () => 1, ttl: KEPT_MS });
  readonly #recentWrites: RecentWrites;
  readonly #onContradiction: (id: string) => void;

  /** @param onContradiction - called when upstream shows a video that was proved to be absent. */
  constructor(recentWrites: RecentWrites, onContradiction: (id: string) => void = () => {}) {
    this.#recentWrites = recentWrites;
    this.#onContradiction = onContradiction;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /**
   * Call this once two rounds of reads with the lag between them show that there is no such video. If it was there minutes
   * ago, others may be moving it, faster than reads can follow: such an id is not remembered.
   */
  note(id: string): void {
    const wasThere = this.#recentWrites.latest(id)?.state !== undefined;
    if (!wasThere) this.#ids.set(toOwnText(id), performance.now());
  }

  /** The same for what an act shows. An outcome that repeats what is remembered is no new proof. */
  noteUnlessKnown(id: string): void {
    if (!this.has(id)) this.note(id);
  }

  /** When the latest proof was noted, on the clock of `performance.now()`; undefined if there is none. */
  provedAt(id: string): number | undefined {
    return this.#ids.get(id);
  }

  /** Call this for every video that upstream shows: whatever the proof was, it was wrong. */
  end(id: string): void {
    if (this.#ids.delete(id)) this.#onContradiction(id);
  }
}
