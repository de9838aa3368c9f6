// The access token of an API key: fetched on first use and renewed before it expires, with at most one renewal in flight.
// No other request contains the API key itself.

import { readClaims } from './access-token.ts';
import { endsInTime, GRACE_MS, type WaitLimits } from './ends-in-time.ts';
import { readRateLimit } from './rate-limit-headers.ts';
import { toStatusError } from './read-answer.ts';
import { isFailure, readRefusal } from './refusal.ts';
import { readAccessToken, ShapeError } from './shapes.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  NotSentError,
  toCancelled,
  UnauthorizedError,
} from './upstream-errors.ts';

/** The credentials that sign requests to upstream. */
export type Credentials = {
  /**
   * The value of the Authorization header.
   *
   * @param limits - end the wait for a token, but not the renewal, which others may wait for. A deadline that is over, or
   *   nearly, still leaves a renewal `GRACE_MS` from its start.
   * @throws {UnauthorizedError} if upstream refuses the key.
   * @throws {NotSentError} if no token is available: the request that needs it was not sent.
   * @throws {BudgetExhaustedError} if no token came before the deadline.
   * @throws {CancelledError} if the caller disconnected before a token came.
   */
  authorization(limits?: WaitLimits): Promise<string>;
  /** Upstream answered 401 to this value. Resolves once `authorization()` has a new one; throws the same errors. */
  renew(refused: string, limits?: WaitLimits): Promise<void>;
  /** Upstream accepted a request with these credentials, sent at this time on the clock of `performance.now()`. */
  accepted?(sentAt: number): void;
  /**
   * When the gateway sent the latest request that upstream accepted with these credentials. For callers' credentials, which
   * upstream may revoke without the gateway noticing; undefined for the gateway's own.
   */
  readonly acceptedAt?: number | undefined;
  /** The project that upstream's latest token names; undefined before the first token, or if it names none. */
  readonly projectId?: string | undefined;
};

/** Whether upstream has accepted the credentials within this time, so that their caller may see what others have read. */
export function isBelieved(credentials: Credentials | undefined, believeMs: number): boolean {
  return performance.now() < (credentials?.acceptedAt ?? Number.POSITIVE_INFINITY) + believeMs;
}

/** How long a refusal holds without asking again, so that 1,000 requests do not ask 1,000 times. */
export const REFUSAL_HOLDS_MS = 5_000;
/** How many useless answers may come before that holds like a refusal. A single one may be an accident. */
const USELESS_ANSWERS = 2;
/** The Retry-After of a 429 is not trusted blindly: at most a minute, the length of a window. */
const LONGEST_HOLD_MS = 60_000;
/** A token that names a shorter life is used this long all the same: if it has expired, a 401 renews it. */
const SHORTEST_LIFE_MS = 1_000;

/** The request for a token was sent, and brought none. */
class NoTokenError extends NotSentError {
  override name = 'NoTokenError';

  constructor(cause: Error) {
    super(`could not get an access token: ${cause.message}`, { cause });
  }
}

/** Upstream answered without a token in a way that the circuit does not count as a failure. */
class UselessAnswerError extends NoTokenError {
  override name = 'UselessAnswerError';
  /** How long nothing may be asked, as a 429 demands; undefined if nothing demands it. */
  readonly holdsMs: number | undefined;

  constructor(cause: Error, holdsMs?: number) {
    super(cause);
    this.holdsMs = holdsMs;
  }
}

/** @param onFailure - called with the reason each time that a request for a token was sent, and was neither refused nor brought one. */
export function createApiKeyCredentials(
  transport: Transport,
  apiKey: string,
  onFailure: (reason: string) => void = () => {},
): Credentials {
  let current: { value: string; renewAt: number; expiresAt: number } | undefined;
  let projectId: string | undefined;
  let renewal: { readonly done: Promise<void>; readonly begunAt: number } | undefined;
  let refusal: { error: unknown; until: number } | undefined;
  /** Since the last token. Failures do not reset it: in turn with them, these answers would keep the circuit closed. */
  let uselessAnswers = 0;

  function noteFailure(error: unknown): void {
    if (error instanceof UselessAnswerError) uselessAnswers += 1;
    const holdsMs = toHoldMs(error, uselessAnswers);
    if (holdsMs !== undefined) refusal = { error, until: performance.now() + holdsMs };
    if (error instanceof NoTokenError) onFailure(error.message);
  }

  async function fetchNext(): Promise<void> {
    try {
      const next = await fetchToken(transport, apiKey);
      current = next;
      uselessAnswers = 0;
      projectId = readClaims(next.token)?.projectId;
    } catch (error) {
      noteFailure(error);
      throw error;
    } finally {
      renewal = undefined;
    }
  }

  async function renewOnce(limits?: WaitLimits): Promise<void> {
    if (refusal && performance.now() < refusal.until) throw refusal.error;
    renewal ??= { done: fetchNext(), begunAt: performance.now() };
    const { done, begunAt } = renewal;
    if (!limits) return done;
    const deadline = Math.max(limits.deadline, begunAt + GRACE_MS);
    if (await endsInTime(done, { ...limits, deadline })) return;
    if (limits.signal?.aborted) throw toCancelled(limits.signal);
    throw new BudgetExhaustedError(undefined);
  }

  return {
    get projectId() {
      return projectId;
    },
    async authorization(limits) {
      const now = performance.now();
      if (!current || now >= current.expiresAt) await renewOnce(limits);
      // Renew early, while the old token still works. If that fails, the error appears once the token has expired.
      else if (now >= current.renewAt && !renewal) renewOnce().catch(() => {});
      if (!current) throw new NotSentError('there is no access token');
      return current.value;
    },
    async renew(refused, limits) {
      if (current && current.value !== refused) return;
      current = undefined;
      await renewOnce(limits);
    },
  };
}

async function fetchToken(transport: Transport, apiKey: string) {
  let answer: HttpAnswer;
  try {
    answer = await transport.send({ method: 'POST', path: '/auth/api-key', headers: {}, json: { apiKey } });
    if (isRefused(answer))
      throw new UnauthorizedError(`upstream refused the API key with status ${answer.status}`);
    if (answer.status !== 200) throw toNoToken(answer);
    const { token, lifetimeSeconds } = readAccessToken(answer.body);
    const lifetimeMs = Math.max(lifetimeSeconds * 1000, SHORTEST_LIFE_MS);
    return {
      token,
      value: `Bearer ${token}`,
      renewAt: answer.sentAt + lifetimeMs * 0.9,
      expiresAt: answer.sentAt + lifetimeMs * 0.99,
    };
  } catch (error) {
    // The request that needs this token was not sent, so this must not look like a lost answer.
    if (error instanceof ShapeError) throw new UselessAnswerError(error);
    if (error instanceof AnswerLostError) throw new NoTokenError(error);
    throw error;
  }
}

/** The error for an answer without a token. The circuit opens for failures; for any other, only a hold keeps requests from asking. */
function toNoToken(answer: HttpAnswer): NoTokenError {
  const cause = toStatusError(answer, 'POST /auth/api-key');
  if (isFailure(answer)) return new NoTokenError(cause);
  if (answer.status !== 429) return new UselessAnswerError(cause);
  const { retryAfterSeconds = 0 } = readRateLimit(answer.status, answer.headers);
  const holdsMs = Math.min(LONGEST_HOLD_MS, Math.max(REFUSAL_HOLDS_MS, retryAfterSeconds * 1_000));
  return new UselessAnswerError(cause, holdsMs);
}

/** How long an error holds for those who ask next; undefined if they ask upstream again. */
function toHoldMs(error: unknown, uselessAnswers: number): number | undefined {
  if (error instanceof UnauthorizedError) return REFUSAL_HOLDS_MS;
  if (!(error instanceof UselessAnswerError)) return undefined;
  return error.holdsMs ?? (uselessAnswers >= USELESS_ANSWERS ? REFUSAL_HOLDS_MS : undefined);
}

/** A 401 is meant for the credentials, whoever sends it. Only upstream itself can find them wrong in another way. */
export function isRefused(answer: HttpAnswer): boolean {
  const { status } = answer;
  return status === 401 || ((status === 400 || status === 403) && readRefusal(answer) !== undefined);
}
