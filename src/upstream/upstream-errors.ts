// The errors of a request to upstream, by what the layers above need to distinguish. Clients never see these messages.
import type { Refusal } from './refusal.ts';

/** The request never reached upstream: no connection, no token, or a connection that closed before the first byte. */
export class NotSentError extends Error {
  override name = 'NotSentError';
}

/** Not sent, because upstream is failing every request. */
export class CircuitOpenError extends NotSentError {
  override name = 'CircuitOpenError';
}

/** The request was sent, but no complete answer of the expected form came back. It may have taken effect. */
export class AnswerLostError extends Error {
  override name = 'AnswerLostError';
  /** When it was sent, on the clock of `performance.now()`. */
  readonly sentAt: number;

  constructor(message: string, sentAt: number, options?: ErrorOptions) {
    super(message, options);
    this.sentAt = sentAt;
  }
}

/** The answer was complete, with a failure (5xx) or a refusal (4xx). */
export class UpstreamStatusError extends Error {
  override name = 'UpstreamStatusError';
  readonly status: number;
  /** Upstream's own refusal. Without one, upstream failed or something in between answered. */
  readonly refusal: Refusal | undefined;

  /** @param request - method and path. The query is dropped, because it contains clients' data. */
  constructor(status: number, request: string, refusal?: Refusal) {
    super(`upstream answered ${status}${toReason(status, refusal)} to ${request.split('?', 1)[0]}`);
    this.status = status;
    this.refusal = refusal;
  }
}

function toReason(status: number, refusal: Refusal | undefined): string {
  if (refusal) return refusal.type ? ` (${refusal.type})` : '';
  return status >= 400 && status < 500 ? ' (without a problem document of upstream)' : '';
}

/** Upstream listed videos that do not meet the filter, so it ignored or misread a condition. */
export class FilterIgnoredError extends Error {
  override name = 'FilterIgnoredError';
}

/** Upstream refused the credentials, even after one renewal of the token. */
export class UnauthorizedError extends Error {
  override name = 'UnauthorizedError';
}

/** What a request waited for until it was too late: upstream's rate limit, its turn, or the proof that its gate needs. */
export type LateReason = 'rateLimit' | 'turn' | 'proof';

/** Nothing was sent: it could not be before the caller's deadline. */
export class BudgetExhaustedError extends Error {
  override name = 'BudgetExhaustedError';
  /** Whole seconds until a retry is worthwhile; undefined if unknown. */
  readonly retryAfterSeconds: number | undefined;
  readonly reason: LateReason;

  /** @param reason - by default the rate limit if it is known when that is reset, else that the turn did not come. */
  constructor(retryAfterSeconds: number | undefined, reason?: LateReason) {
    super('nothing more could be sent to upstream before the deadline of the call');
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason ?? (retryAfterSeconds === undefined ? 'turn' : 'rateLimit');
  }
}

/** Nothing was sent: the write's own gate held it back. */
export class HeldBackError extends Error {
  override name = 'HeldBackError';

  constructor() {
    super('the write was held back before it was sent');
  }
}

/**
 * The error for a request that could not be sent before its deadline.
 *
 * @param waitMs - how long the rate limit has no room for it; undefined if unknown, 0 or less if it has room.
 * @param otherwise - the reason if it is not known that the rate limit keeps it back.
 */
export function createLateError(waitMs: number | undefined, otherwise: LateReason): BudgetExhaustedError {
  if (waitMs === undefined || waitMs <= 0) return new BudgetExhaustedError(undefined, otherwise);
  return new BudgetExhaustedError(Math.ceil(waitMs / 1000), 'rateLimit');
}

/** Why a request was cancelled. `log`: no writes may be sent, because the log cannot be written. */
export type CancelReason = 'clientGone' | 'stopping' | 'log' | 'withdrawn';

/** Nothing was sent: the caller disconnected, the gateway is stopping, or no writes may be sent at present. */
export class CancelledError extends Error {
  override name = 'CancelledError';
  readonly reason: CancelReason;

  constructor(message: string, reason: CancelReason = 'clientGone') {
    super(message);
    this.reason = reason;
  }
}

export function createStoppingError(): CancelledError {
  return new CancelledError('the gateway is stopping', 'stopping');
}

/** Why a signal was aborted: the error that it was aborted with, or, if that is none of ours, the caller's departure. */
export function toCancelled({ reason }: AbortSignal): CancelledError {
  return reason instanceof CancelledError ? reason : new CancelledError('the caller disconnected');
}

/**
 * Whether an error is the caller's own: its deadline, its departure or its credentials. A retry for the same caller ends the
 * same way; another caller may succeed.
 */
export function isOfCaller(
  error: unknown,
): error is BudgetExhaustedError | CancelledError | UnauthorizedError {
  return (
    error instanceof BudgetExhaustedError ||
    error instanceof CancelledError ||
    error instanceof UnauthorizedError
  );
}
