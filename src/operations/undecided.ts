// The items of an operation that may have been sent, and that a later look decides.
import type { Work } from './send-items.ts';

type Waiting = { readonly work: Work; readonly from: number };

export class Undecided {
  /** At most as many as the operation has in progress, and those that are sent while others wait. */
  #waiting: Waiting[] = [];

  get mayRemain(): boolean {
    return this.#waiting.length > 0;
  }

  /** When the first one is to be looked at, on the clock of `performance.now()`. */
  get nextAt(): number {
    return this.#waiting.reduce((first, { from }) => Math.min(first, from), Number.POSITIVE_INFINITY);
  }

  /** @param from - not to be looked at before that, on the same clock. */
  add(work: Work, from = Number.NEGATIVE_INFINITY): void {
    this.#waiting.push({ work, from });
  }

  /** At most `limit` of those whose time has come. */
  take(limit: number): readonly Work[] {
    const now = performance.now();
    const taken = this.#waiting.filter(({ from }) => from <= now).slice(0, limit);
    const all = new Set(taken);
    this.#waiting = this.#waiting.filter((one) => !all.has(one));
    return taken.map(({ work }) => work);
  }

  /** All of them are to be looked at now. */
  hurry(): void {
    this.#waiting = this.#waiting.map(({ work }) => ({ work, from: Number.NEGATIVE_INFINITY }));
  }
}
