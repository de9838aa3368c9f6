// The bearer token of an API key: fetched when first needed, renewed before it expires, one renewal in flight however
// many requests wait for it. The key itself leaves the process in no other request.

import { readAccessToken, ShapeError } from './shapes.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import { AnswerLostError, NotSentError, UnauthorizedError, UpstreamStatusError } from './upstream-errors.ts';

/** What signs requests to upstream. */
export type Credentials = {
  /**
   * The value of the Authorization header.
   *
   * @throws {UnauthorizedError} where upstream refuses the key.
   * @throws {NotSentError} where no token could be had: whatever it was for has not been sent.
   */
  authorization(): Promise<string>;
  /** Upstream answered 401 to this value. Resolves when the next `authorization()` has another, or throws as it does. */
  renew(refused: string): Promise<void>;
  /** Upstream answered a request that they signed, which was sent at that time on the clock of `performance.now()`. */
  accepted?(sentAt: number): void;
  /**
   * When the latest request was sent that upstream has accepted with them, for those that may be refused without the
   * gateway's knowing; undefined for the gateway's own.
   */
  readonly acceptedAt?: number | undefined;
};

/** A refused key stays refused this long, so that 1,000 requests do not ask 1,000 times. */
const REFUSAL_HOLDS_MS = 5_000;

export function createApiKeyCredentials(transport: Transport, apiKey: string): Credentials {
  let current: { value: string; renewAt: number; expiresAt: number } | undefined;
  let renewal: Promise<void> | undefined;
  let refusal: { error: UnauthorizedError; until: number } | undefined;

  function renewOnce(): Promise<void> {
    if (refusal && performance.now() < refusal.until) return Promise.reject(refusal.error);
    renewal ??= fetchToken(transport, apiKey)
      .then(
        (next) => {
          current = next;
        },
        (error: unknown) => {
          if (error instanceof UnauthorizedError)
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
    async authorization() {
      const now = performance.now();
      if (!current || now >= current.expiresAt) await renewOnce();
      // Early, beside the requests that the old one still serves; a failure shows when it has really expired.
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
    if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
      throw new UnauthorizedError(`upstream refused the API key with status ${answer.status}`);
    }
    if (answer.status !== 200) throw new UpstreamStatusError(answer.status, 'POST /auth/api-key');
    const { token, lifetimeSeconds } = readAccessToken(answer.body);
    const lifetimeMs = lifetimeSeconds * 1000;
    return {
      value: `Bearer ${token}`,
      renewAt: answer.sentAt + lifetimeMs * 0.9,
      expiresAt: answer.sentAt + lifetimeMs * 0.99,
    };
  } catch (error) {
    // Whatever this token was for has not been sent, and must not be taken for lost.
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
