// A request to upstream with everything it takes to be answered: a place in the budget, a token, one renewal of it after
// a 401, and patience with 429. What the answer means is for `videos.ts`.
import type { IncomingHttpHeaders } from 'node:http';
import type { Breaker } from './breaker.ts';
import type { Caller, RequestKind } from './caller.ts';
import type { Governor } from './governor.ts';
import type { RateLimitHeaders, RequestEnd } from './rate-window.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';
import { AnswerLostError, CancelledError, NotSentError, UnauthorizedError } from './upstream-errors.ts';

export type Http = {
  /**
   * Sends a request as soon as the budget allows and answers with whatever status but 401, 429 and redirects.
   *
   * @throws {BudgetExhaustedError} not sent: the wait would be longer than the caller's.
   * @throws {CancelledError} not sent: the caller has gone away.
   * @throws {NotSentError} not sent: no connection, no token, or upstream has failed everybody of late.
   * @throws {UnauthorizedError} refused also with a fresh token.
   * @throws {AnswerLostError} sent, and no complete answer.
   */
  request(kind: RequestKind, caller: Caller, request: Omit<HttpRequest, 'headers'>): Promise<HttpAnswer>;
};

/** The cheapest read there is, which every project can be asked; it is of no video that may be at fault itself. */
const PROBE = { method: 'GET', path: '/videos?currentPage=1&pageSize=1' } as const;
const PROBE_WAIT_MS = 1_000;

/**
 * Requests are signed with the credentials of their callers: those of one project may be many.
 *
 * @param options - `transport`: watched by the breaker.
 */
export function createHttp(options: { transport: Transport; governor: Governor; breaker: Breaker }): Http {
  const { transport, governor, breaker } = options;

  async function probe({ credentials }: Caller): Promise<unknown> {
    const caller = { deadline: performance.now() + PROBE_WAIT_MS, credentials };
    await governor.acquire('check', caller);
    return sendAcquired('check', caller, PROBE);
  }

  async function acquire(kind: RequestKind, caller: Caller, again: boolean): Promise<void> {
    for (let queued = again; ; queued = true) {
      if (breaker.isOpen) await breaker.admit(kind, caller, () => probe(caller));
      await governor.acquire(kind, caller, queued);
      if (!breaker.isOpen) return;
      // Upstream has begun to fail while it waited in the queue.
      governor.release(kind, { kind: 'unsent' });
    }
  }

  async function sendAcquired(
    kind: RequestKind,
    caller: Caller,
    request: Omit<HttpRequest, 'headers'>,
  ): Promise<{ answer: HttpAnswer; authorization: string }> {
    const { credentials } = caller;
    let end: RequestEnd = { kind: 'unsent' };
    try {
      if (!credentials) throw new NotSentError('the request has no credentials');
      const authorization = await credentials.authorization();
      // The token may have taken a while: nothing new is sent for a caller who has left meanwhile.
      if (caller.signal?.aborted) throw new CancelledError('the caller disconnected');
      const answer = await transport.send({ ...request, headers: { authorization } });
      end = toEnd(answer);
      if (isAccepted(answer)) credentials.accepted?.(answer.sentAt);
      return { answer, authorization };
    } catch (error) {
      if (error instanceof AnswerLostError) end = { kind: 'lost' };
      throw error;
    } finally {
      governor.release(kind, end);
    }
  }

  return {
    async request(kind, caller, request) {
      let renewed = false;
      for (let again = false; ; again = true) {
        await acquire(kind, caller, again);
        const { answer, authorization } = await sendAcquired(kind, caller, request);
        if (answer.status === 429) continue;
        if (answer.status === 401) {
          if (renewed) throw new UnauthorizedError('upstream refused a fresh token');
          renewed = true;
          await caller.credentials?.renew(authorization);
          continue;
        }
        if (answer.status >= 300 && answer.status < 400) {
          // Following would show the credentials to another host.
          throw new AnswerLostError(`upstream answered with a redirect (${answer.status})`, answer.sentAt);
        }
        return answer;
      }
    },
  };
}

/** Whether the answer shows that upstream knows who asked. */
function isAccepted({ status }: HttpAnswer): boolean {
  return (status >= 200 && status < 300) || status === 404;
}

function toEnd({ status, headers, sentAt, receivedAt }: HttpAnswer): RequestEnd {
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
