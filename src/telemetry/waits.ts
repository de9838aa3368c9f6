// How long a request has waited, and for what. Its videos wait side by side, so that a sum over them would exceed the time
// that its client has waited: time counts once, however many of them wait for the same thing.
import type { WaitCause, WaitClock } from '../upstream/wait-clocks.ts';

type Wait = { readonly cause: WaitCause; waiting: number; from: number; ms: number };

export class Waits {
  /** A call has a few clocks: those of its project. */
  readonly #waits = new Map<WaitClock, Map<WaitCause, Wait>>();

  /** A part of the request begins to wait. Call the returned function at the end of its wait. */
  begin(cause: WaitCause, clock: WaitClock): () => void {
    const causes = this.#waits.get(clock) ?? new Map<WaitCause, Wait>();
    this.#waits.set(clock, causes);
    const wait = causes.get(cause) ?? { cause, waiting: 0, from: 0, ms: 0 };
    causes.set(cause, wait);
    if (wait.waiting === 0) wait.from = clock();
    wait.waiting += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      wait.waiting -= 1;
      if (wait.waiting === 0) wait.ms += clock() - wait.from;
    };
  }

  /** The milliseconds of each cause so far, rounded; without those of none. */
  read(): Partial<Record<WaitCause, number>> {
    const waited: Partial<Record<WaitCause, number>> = {};
    for (const [clock, causes] of this.#waits) {
      for (const { cause, waiting, from, ms } of causes.values()) {
        // Reads and writes wait side by side as well, each for a rate limit of its own.
        const total = Math.round(ms + (waiting > 0 ? clock() - from : 0));
        if (total > (waited[cause] ?? 0)) waited[cause] = total;
      }
    }
    return waited;
  }
}
