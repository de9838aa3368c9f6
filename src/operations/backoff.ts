// The pause after each failure in a row, twice as long each time.

const FIRST_MS = 1_000;
export const LONGEST_BACKOFF_MS = 10_000;

export class Backoff {
  #until = Number.NEGATIVE_INFINITY;
  #nextMs = FIRST_MS;

  /** When the pause is over, on the clock of `performance.now()`. */
  get until(): number {
    return this.#until;
  }

  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  noteFailure(): void {
    this.#until = performance.now() + this.#nextMs;
    this.#nextMs = Math.min(LONGEST_BACKOFF_MS, this.#nextMs * 2);
  }

  /** The next failure is the first one again. */
  noteSuccess(): void {
    this.#nextMs = FIRST_MS;
  }
}
