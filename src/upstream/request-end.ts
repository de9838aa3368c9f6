// Classifies how a request ended for the budget, by upstream's rate limit headers.
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from './transport.ts';

/** The X-RateLimit-* headers of one answer; undefined if a header is missing or not a number. */
export type RateLimitHeaders = {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly retryAfterSeconds: number | undefined;
};

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
export function toRequestEnd({ status, headers, sentAt, receivedAt }: HttpAnswer): RequestEnd {
  const rateLimit: RateLimitHeaders = {
    limit: toNumber(headers, 'x-ratelimit-limit'),
    remaining: toNumber(headers, 'x-ratelimit-remaining'),
    retryAfterSeconds: toNumber(headers, 'x-ratelimit-retry-after'),
  };
  // Without headers, upstream answered these before it counted them, or something in front of it answered.
  if (rateLimit.limit === undefined && (status === 401 || status >= 500)) return { kind: 'lost' };
  return { kind: 'answered', limited: status === 429, headers: rateLimit, sentAt, receivedAt };
}

function toNumber(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = headers[name];
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}
