// Upstream's own clock, as far as its Date headers tell: times of removal are upstream's, times of sending are ours.
import type { HttpAnswer } from './transport.ts';

/**
 * When a write was sent. `sentAt`: on the clock of `performance.now()`. `upstreamSentAt`: the earliest that upstream's
 * own clock can have shown then, milliseconds since the epoch; by our own clock where upstream has not said the time.
 */
export type Sent = { readonly sentAt: number; readonly upstreamSentAt: number };

/** So many of the latest answers are compared, so that neither a slow one nor a wrong Date decides. */
const REMEMBERED = 15;

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
    const offsets = this.#offsetsMs.toSorted((a, b) => a - b);
    const median = offsets[Math.floor(offsets.length / 2)] ?? performance.timeOrigin;
    return { sentAt, upstreamSentAt: sentAt + median };
  }
}
