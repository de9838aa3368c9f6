// Interprets what an answer reports of the rate limit: which window it belongs to, and what is left of that. Where a
// value is missing it goes by the others, and where too little is left to go by it says so. It counts no requests.
import type { RateLimitHeaders } from './rate-limit-headers.ts';
import type { RequestEnd } from './request-end.ts';

/** One report of a window. Its true reset lies after `lo` and not after `hi`, however long the answer took. */
export type LimitReport = {
  readonly lo: number;
  readonly hi: number;
  readonly limit: number;
  /** Undefined if upstream did not report it: then each answer takes one from the limit. */
  readonly remaining: number | undefined;
  /** Whether upstream named the limit and the reset. Else, they are assumed. */
  readonly told: { readonly limit: boolean; readonly reset: boolean };
};

/** A later reset counts as this one: no window of api.video is longer. */
export const LONGEST_WINDOW_SECONDS = 60;
/** For how long a report holds that names no reset: the next one shows again what is left. */
const UNDATED_SECONDS = 1;
/** Within this time after a reset, a 429 that points to another reset within a second means that we woke early. */
const EARLY_MS = 2_000;
const MAX_SLACK_SECONDS = 3;

export class LimitReports {
  /** Added to every reset, permanently, once resets have proved later than upstream reported. */
  #slackSeconds = 0;
  /** The most that was seen of a window, for answers that name no limit. */
  #mostSeen = 0;

  /**
   * Upstream may say that more remains than its limit. If that number falls from answer to answer, it counts, until a
   * 429 disproves it; else the limit counts.
   */
  #previous = Number.NEGATIVE_INFINITY;
  #surplus: 'unproved' | 'falls' | 'disproved' = 'unproved';

  get slackSeconds(): number {
    return this.#slackSeconds;
  }

  /** Whether resets are always later than upstream reports: then its reports of near ones are no time to wait. */
  get isAlwaysLate(): boolean {
    return this.#slackSeconds === MAX_SLACK_SECONDS;
  }

  /**
   * @param wokeAt - the reset of the window that is known, if any.
   * @returns undefined if the answer reports too little to go by.
   */
  read(
    { headers, limited, sentAt, receivedAt }: Extract<RequestEnd, { kind: 'answered' }>,
    wokeAt = Number.POSITIVE_INFINITY,
  ): LimitReport | undefined {
    const { limit, remaining } = this.#resolveSurplus(headers, limited);
    const { retryAfterSeconds, isDated = false } = headers;
    if (limit === undefined && remaining === undefined) return undefined;
    if (retryAfterSeconds === undefined && (limited || remaining === undefined)) return undefined;
    if (retryAfterSeconds !== undefined) this.#correctSlack(retryAfterSeconds, limited, sentAt - wokeAt);
    if (remaining !== undefined) this.#mostSeen = Math.max(this.#mostSeen, remaining + (limited ? 0 : 1));
    const seconds = Math.min(LONGEST_WINDOW_SECONDS, retryAfterSeconds ?? UNDATED_SECONDS);
    const slack = retryAfterSeconds === undefined ? 0 : this.#slackSeconds;
    return {
      lo: sentAt + Math.max(0, seconds - (isDated ? 2 : 1)) * 1000,
      hi: receivedAt + Math.max(1, seconds + slack) * 1000,
      limit: limit ?? this.#mostSeen,
      remaining: limited ? 0 : remaining,
      told: { limit: limit !== undefined, reset: retryAfterSeconds !== undefined },
    };
  }

  #resolveSurplus({ limit, remaining }: RateLimitHeaders, limited: boolean) {
    if (this.#surplus === 'falls' && limited) this.#surplus = 'disproved';
    if (limit === undefined || remaining === undefined || remaining <= limit) return { limit, remaining };
    if (this.#surplus === 'unproved' && remaining < this.#previous) this.#surplus = 'falls';
    this.#previous = remaining;
    return this.#surplus === 'falls' ? { limit: undefined, remaining } : { limit, remaining: undefined };
  }

  /** @param awakeMs - how long after the reset the request was sent. */
  #correctSlack(retryAfterSeconds: number, limited: boolean, awakeMs: number): void {
    // Rounding up never gives 0, so this upstream rounds down.
    const roundsDown = retryAfterSeconds === 0 && this.#slackSeconds === 0;
    if (roundsDown) this.#slackSeconds = 1;
    const early = awakeMs - (roundsDown ? 1_000 : 0);
    if (limited && retryAfterSeconds <= 1 && early >= 0 && early < EARLY_MS && !this.isAlwaysLate)
      this.#slackSeconds += 1;
  }
}
