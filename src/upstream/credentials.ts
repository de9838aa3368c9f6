// The access token of an API key: fetched on first use and renewed before it expires, with at most one renewal in flight.
// No other request contains the API key itself.

import { readClaims } from './access-token.ts';
import { toStatusError } from './read-answer.ts';
import { readRefusal } from './refusal.ts';
import { readAccessToken, ShapeError } from './shapes.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import { AnswerLostError, NotSentError, UnauthorizedError, UpstreamStatusError } from './upstream-errors.ts';

/** The credentials that sign requests to upstream. */
export type Credentials = {
  /**
   * The value of the Authorization header.
   *
   * @throws {UnauthorizedError} if upstream refuses the key.
   * @throws {NotSentError} if no token is available: the request that needs it was not sent.
   */
  authorization(): Promise<string>;
  /** Upstream answered 401 to this value. Resolves once `authorization()` has a new one; throws the same errors. */
  renew(refused: string): Promise<void>;
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
/** How many answers in a row may be unreadable before that holds like a refusal. A single one may be an accident. */
const UNREADABLE_ANSWERS = 2;
/** A token that names a shorter life is used this long all the same: if it has expired, a 401 renews it. */
const SHORTEST_LIFE_MS = 1_000;

export function createApiKeyCredentials(transport: Transport, apiKey: string): Credentials {
  let current: { value: string; renewAt: number; expiresAt: number } | undefined;
  let projectId: string | undefined;
  let renewal: Promise<void> | undefined;
  let refusal: { error: unknown; until: number } | undefined;
  let unreadableInARow = 0;

  function renewOnce(): Promise<void> {
    if (refusal && performance.now() < refusal.until) return Promise.reject(refusal.error);
    renewal ??= fetchToken(transport, apiKey)
      .then(
        (next) => {
          current = next;
          unreadableInARow = 0;
          projectId = readClaims(next.token)?.projectId;
        },
        (error: unknown) => {
          unreadableInARow = isUnreadable(error) ? unreadableInARow + 1 : 0;
          if (error instanceof UnauthorizedError || unreadableInARow >= UNREADABLE_ANSWERS)
            refusal = { error, until: performance.now() + REFUSAL_HOLDS_MS };
          throw error;
        },
      )
      .finally(() => {
        renewal = undefined;
      });
    return renewal;
  }

  return {
    get projectId() {
      return projectId;
    },
    async authorization() {
      const now = performance.now();
      if (!current || now >= current.expiresAt) await renewOnce();
      // Renew early, while the old token still works. If that fails, the error appears once the token has expired.
      else if (now >= current.renewAt && !renewal) renewOnce().catch(() => {});
      if (!current) throw new NotSentError('there is no access token');
      return current.value;
    },
    async renew(refused) {
      if (current && current.value !== refused) return;
      current = undefined;
      await renewOnce();
    },
  };
}

async function fetchToken(transport: Transport, apiKey: string) {
  let answer: HttpAnswer;
  try {
    answer = await transport.send({ method: 'POST', path: '/auth/api-key', headers: {}, json: { apiKey } });
    if (isRefused(answer))
      throw new UnauthorizedError(`upstream refused the API key with status ${answer.status}`);
    if (answer.status !== 200) throw toStatusError(answer, 'POST /auth/api-key');
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
    if (
      error instanceof AnswerLostError ||
      error instanceof UpstreamStatusError ||
      error instanceof ShapeError
    ) {
      throw new NotSentError(`could not get an access token: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/**
 * Whether upstream answered, but not with a token. The circuit does not open for that, as it does for failures, so nothing
 * else would stop every request from asking.
 */
function isUnreadable(error: unknown): boolean {
  const cause = error instanceof NotSentError ? error.cause : undefined;
  return cause instanceof ShapeError || (cause instanceof UpstreamStatusError && cause.status < 400);
}

/** A 401 is meant for the credentials, whoever sends it. Only upstream itself can find them wrong in another way. */
export function isRefused(answer: HttpAnswer): boolean {
  const { status } = answer;
  return status === 401 || ((status === 400 || status === 403) && readRefusal(answer) !== undefined);
}
