// One act at a time, in the order in which the acts came.
import type { WaitLimits } from '../upstream/caller.ts';
import { endsInTime } from '../upstream/ends-in-time.ts';

export class Mutex {
  /** Settles once every act so far has ended; undefined if none is under way. */
  #tail: Promise<unknown> | undefined;
  #unfinished = 0;

  /** Whether an act is under way, or waits. */
  get isHeld(): boolean {
    return this.#unfinished > 0;
  }

  /**
   * Runs an act once every earlier act has ended.
   *
   * @param limits - how long to wait for that.
   * @returns undefined if the act was not run, because the limits were reached first.
   */
  async run<T>(limits: WaitLimits, act: () => Promise<T>): Promise<T | undefined> {
    const before = this.#tail;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    // An act that is given up ends early, and those after it still have to wait for the one before.
    this.#tail = before ? Promise.all([before, ended]) : ended;
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
