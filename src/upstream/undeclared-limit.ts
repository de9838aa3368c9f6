// Paces requests to an upstream that answers 429 but names no limit: pauses, resumes with a single request, and then
// grows slowly.

const MAX_PAUSE_MS = 60_000;
/**
 * How many answers allow one more request in flight: fast enough for a minute's budget, with few in flight when it
 * ends.
 */
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

  /** An answer named a limit. */
  named(): void {
    this.#slots = undefined;
    this.#pause.ms = 0;
  }

  /** @param seconds - the time to wait that a 429 names. */
  answered(limited: boolean, sentAt: number, now: number, seconds = 0): void {
    if (limited) {
      this.refused(sentAt, now, seconds);
      this.#slots = 1;
    } else if (sentAt >= this.#pause.since) {
      this.#slots = (this.#slots ?? Number.POSITIVE_INFINITY) + 1 / ANSWERS_PER_SLOT;
      this.#pause.ms = 0;
    }
  }

  /** A 429 came. Pauses for the time that it names, but longer each time if that proves too short. */
  refused(sentAt: number, now: number, seconds = 0): void {
    // The request was sent before the pause, so its 429 adds nothing to the one that began the pause.
    if (sentAt < this.#pause.since) return;
    const ms = Math.min(MAX_PAUSE_MS, this.#pause.ms * 2 || 1_000);
    // Randomized, so that gateways do not retry together.
    const waitMs = Math.max(ms * (1 + this.#random() * 0.25), seconds * 1_000);
    this.#pause = { since: now, until: now + waitMs, ms };
  }
}
