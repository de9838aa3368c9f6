// How a request ended, as far as the budget is concerned: what upstream's headers say of it.
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpAnswer } from './transport.ts';

/** The X-RateLimit-* headers of one answer; undefined where one is missing or no number. */
export type RateLimitHeaders = {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly retryAfterSeconds: number | undefined;
};

/** How a request ended, for the account. Times are milliseconds of the same monotonic clock as everything here. */
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
  /** Upstream has seen nothing of it. */
  | { readonly kind: 'unsent' };

/** Reads from an answer how its request ended for the budget. */
export function toRequestEnd({ status, headers, sentAt, receivedAt }: HttpAnswer): RequestEnd {
  const rateLimit: RateLimitHeaders = {
    limit: toNumber(headers, 'x-ratelimit-limit'),
    remaining: toNumber(headers, 'x-ratelimit-remaining'),
    retryAfterSeconds: toNumber(headers, 'x-ratelimit-retry-after'),
  };
  // Without headers these were answered before upstream counted, or by something in front of it.
  if (rateLimit.limit === undefined && (status === 401 || status >= 500)) return { kind: 'lost' };
  return { kind: 'answered', limited: status === 429, headers: rateLimit, sentAt, receivedAt };
}

function toNumber(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = headers[name];
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}
