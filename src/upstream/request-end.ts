// Classifies how a request ended for the budget, by upstream's rate limit headers.
import { type RateLimitHeaders, readRateLimit } from './rate-limit-headers.ts';
import { isFailure } from './refusal.ts';
import type { HttpAnswer } from './transport.ts';

/** How a request ended for the budget. Times are milliseconds of one monotonic clock. */
export type RequestEnd =
  | {
      readonly kind: 'answered';
      readonly limited: boolean;
      readonly headers: RateLimitHeaders;
      readonly sentAt: number;
      readonly receivedAt: number;
    }
  /** Upstream may have counted it. */
  | { readonly kind: 'lost' }
  /** Upstream saw nothing of it. */
  | { readonly kind: 'unsent' };

/** Classifies the answer to a request. */
export function toRequestEnd(answer: HttpAnswer): RequestEnd {
  const { status, headers, sentAt, receivedAt } = answer;
  const rateLimit = readRateLimit(status, headers);
  const isCounted = rateLimit.limit !== undefined || rateLimit.remaining !== undefined;
  // Without a limit, upstream answered these before it counted them, or something in front of it answered.
  if (!isCounted && (status === 401 || isFailure(answer))) return { kind: 'lost' };
  return { kind: 'answered', limited: status === 429, headers: rateLimit, sentAt, receivedAt };
}
