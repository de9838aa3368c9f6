// What to do about an upstream that answers 429 and names no limit: pause, then feel the way with one request, and grow
// slowly.

const MAX_PAUSE_MS = 60_000;
/** So many answers for one more at once: fast enough for a minute's budget, and few are in flight where it ends. */
const ANSWERS_PER_SLOT = 32;

export class UndeclaredLimit {
  #slots: number | undefined;
  #pause = { since: Number.NEGATIVE_INFINITY, until: Number.NEGATIVE_INFINITY, ms: 0 };
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** How many may be in flight; undefined before the first answer without a limit. */
  get slots(): number | undefined {
    return this.#slots && Math.floor(this.#slots);
  }

  get pausedUntil(): number {
    return this.#pause.until;
  }

  /** An answer that names a limit came. */
  named(): void {
    this.#slots = undefined;
    this.#pause.ms = 0;
  }

  answered(limited: boolean, sentAt: number, now: number): void {
    if (limited) {
      this.refused(sentAt, now);
      this.#slots = 1;
    } else if (sentAt >= this.#pause.since) {
      this.#slots = (this.#slots ?? Number.POSITIVE_INFINITY) + 1 / ANSWERS_PER_SLOT;
      this.#pause.ms = 0;
    }
  }

  /** A 429 came that does not say how long to wait, or nothing credible. */
  refused(sentAt: number, now: number): void {
    // One that was sent before the pause says no more than the one that began it.
    if (sentAt < this.#pause.since) return;
    const ms = Math.min(MAX_PAUSE_MS, this.#pause.ms * 2 || 1_000);
    // Spread, so that gateways part.
    this.#pause = { since: now, until: now + ms * (1 + this.#random() * 0.25), ms };
  }
}
