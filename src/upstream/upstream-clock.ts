// Estimates upstream's own clock from its Date headers: upstream dates removals by its clock, we date sends by ours.
import { type HttpAnswer, toText } from './transport.ts';

/**
 * When a write was sent. `sentAt`: on the clock of `performance.now()`. `upstreamSentAt`: the earliest time that
 * upstream's clock can have shown then, in milliseconds since the epoch; by our own clock if upstream sent no Date.
 */
export type Sent = { readonly sentAt: number; readonly upstreamSentAt: number };

/** How many of the latest answers are compared, so that neither a slow answer nor a wrong Date decides. */
const REMEMBERED = 15;

export class UpstreamClock {
  readonly #offsetsMs: number[] = [];

  /**
   * Learns from the Date of an answer. Upstream wrote it before we received it, so each offset errs on the early side.
   */
  observe({ headers, receivedAt }: HttpAnswer): void {
    const date = Date.parse(toText(headers.date));
    // With an Age, a cache has kept it.
    if (Number.isNaN(date) || /[1-9]/.test(toText(headers.age))) return;
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
