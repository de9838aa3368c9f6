// Upstream's own clock, as far as its Date headers tell: times of removal are upstream's, times of sending are ours.
import type { HttpAnswer } from './exchange.ts';

/**
 * When a write was sent. `sentAt`: on the clock of `performance.now()`. `upstreamSentAt`: the earliest that upstream's
 * own clock can have shown then, milliseconds since the epoch; by our own clock where upstream has not said the time.
 */
export type Sent = { readonly sentAt: number; readonly upstreamSentAt: number };

/** So many of the latest answers are compared: a slow one says little, and a wrong Date is forgotten. */
const REMEMBERED = 16;

export class UpstreamClock {
  readonly #offsetsMs: number[] = [];

  /** Learns from the Date of an answer: upstream wrote it before we received it, so each offset errs to the early side. */
  observe({ headers, receivedAt }: HttpAnswer): void {
    const date = Date.parse(headers.date ?? '');
    if (Number.isNaN(date)) return;
    this.#offsetsMs.push(date - receivedAt);
    if (this.#offsetsMs.length > REMEMBERED) this.#offsetsMs.shift();
  }

  /** @param sentAt - when something was sent, on the clock of `performance.now()`. */
  sent(sentAt: number): Sent {
    const offsetMs = this.#offsetsMs.length > 0 ? Math.max(...this.#offsetsMs) : performance.timeOrigin;
    return { sentAt, upstreamSentAt: sentAt + offsetMs };
  }
}
