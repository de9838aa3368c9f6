// Runs one act at a time, in order of arrival.
import type { WaitLimits } from '../upstream/caller.ts';
import { endsInTime } from '../upstream/ends-in-time.ts';

export class Mutex {
  /** Settles once every act so far has ended; undefined if none is under way. */
  #tail: Promise<void> | undefined;
  #unfinished = 0;

  /** Whether an act is under way or waiting. */
  get isHeld(): boolean {
    return this.#unfinished > 0;
  }

  /**
   * Runs an act once every earlier act has ended.
   *
   * @param limits - how long to wait for that.
   * @returns undefined if the limits were reached before the act could run.
   */
  async run<T>(limits: WaitLimits, act: () => Promise<T>): Promise<T | undefined> {
    const before = this.#tail;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    // An act that gives up waiting ends early, but later acts must still wait for the one before it.
    // Without a value: each tail would keep the values of all before it, for as long as the mutex is never idle.
    this.#tail = before ? Promise.all([before, ended]).then(() => {}) : ended;
    this.#unfinished += 1;
    try {
      if (before && !(await endsInTime(before, limits))) return undefined;
      return await act();
    } finally {
      end();
      this.#unfinished -= 1;
      if (!this.isHeld) this.#tail = undefined;
    }
  }
}
