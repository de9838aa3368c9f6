// Runs one act at a time per video, across the requests of a project, so that a deletion and a restore never
// interleave.
import type { WaitLimits } from '../upstream/caller.ts';
import type { OnWait } from '../upstream/wait-clocks.ts';
import { Mutex } from './mutex.ts';

export class IdLocks {
  /** One per video with an act under way or waiting. */
  readonly #mutexes = new Map<string, Mutex>();
  readonly #onWait: OnWait;

  /** @param onWait - called while an act waits for another one. */
  constructor(onWait: OnWait = () => () => {}) {
    this.#onWait = onWait;
  }

  /** Whether an act on the video is under way or waiting. */
  isHeld(id: string): boolean {
    return this.#mutexes.has(id);
  }

  /**
   * Runs an act once every earlier act on the same video has ended.
   *
   * @param limits - how long to wait for that.
   * @returns undefined if the limits were reached before the act could run.
   */
  async run<T>(id: string, limits: WaitLimits, act: () => Promise<T>): Promise<T | undefined> {
    const mutex = this.#mutexes.get(id) ?? new Mutex();
    this.#mutexes.set(id, mutex);
    const endWait = mutex.isHeld ? this.#onWait('lock', now) : () => {};
    try {
      return await mutex.run(limits, () => {
        endWait();
        return act();
      });
    } finally {
      endWait();
      // Another act may have begun since, with a mutex of its own.
      if (!mutex.isHeld && this.#mutexes.get(id) === mutex) this.#mutexes.delete(id);
    }
  }
}

const now = () => performance.now();
