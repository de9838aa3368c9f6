// Lets a limited number of exchanges with upstream go on at a time. The others wait in order of arrival, and leave at
// their deadline. It knows no connections.
import { endsInTime, type WaitLimits } from './ends-in-time.ts';

export class Semaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#free = most;
  }

  /**
   * Runs an exchange once it has a permit.
   *
   * @returns undefined if the limits were reached before it could run.
   */
  async run<T>(limits: WaitLimits, exchange: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#enter(limits))) return undefined;
    try {
      return await exchange();
    } finally {
      // undici takes a connection back only in the next turn: the next request would open another one before.
      setImmediate(() => this.#leave());
    }
  }

  async #enter(limits: WaitLimits): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (await endsInTime(promise, limits)) return true;
    // The permit may have come at the same moment: then it is for the next one.
    if (!this.#waiting.delete(resolve)) this.#leave();
    return false;
  }

  #leave(): void {
    for (const give of this.#waiting) {
      this.#waiting.delete(give);
      give();
      return;
    }
    this.#free += 1;
  }
}
