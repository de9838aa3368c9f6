// Sends a request to upstream until it is answered. From the outside in: patience with 429 and one renewal after a 401;
// the circuit; the attempt itself (a place in the budget, a signature, the connection). `videos.ts` interprets the
// answer.
import { type Attempt, type Attempted, createAttempt, type UnsignedRequest } from './attempt.ts';
import { Breaker } from './breaker.ts';
import type { Caller, RequestKind } from './caller.ts';
import { type Credentials, REFUSAL_HOLDS_MS } from './credentials.ts';
import type { Governor } from './governor.ts';
import type { HttpAnswer, Transport } from './transport.ts';
import { AnswerLostError, UnauthorizedError } from './upstream-errors.ts';
import type { OnWait } from './wait-clocks.ts';

/**
 * Sends a request as soon as the budget allows. Resolves with an answer of any status but 401, 429 and redirects.
 *
 * @throws {BudgetExhaustedError} not sent: the budget does not allow it, or no token came, before the caller's deadline.
 * @throws {CancelledError} not sent: the caller disconnected, the gateway is stopping, or no writes may be sent.
 * @throws {HeldBackError} not sent: its gate held it back.
 * @throws {NotSentError} not sent: no connection, no token, or upstream is failing every request.
 * @throws {UnauthorizedError} upstream refused the credentials, even with a fresh token.
 * @throws {AnswerLostError} sent, but no complete answer came, or a redirect.
 */
export type Send = (kind: RequestKind, caller: Caller, request: UnsignedRequest) => Promise<HttpAnswer>;

/** The cheapest read that every project allows. It concerns no single video that may itself be the cause. */
const HEALTH_READ = { method: 'GET', path: '/videos?currentPage=1&pageSize=1' } as const;
const HEALTH_READ_WAIT_MS = 1_000;

/**
 * @param options - `mayWrite`: asked right before each write. `onWait`: called while a request waits for its turn.
 *   `onCircuit`: called when upstream is found to fail every request, and when it is back.
 * @returns `send`; and `transport`, for requests that do not concern the project's videos but also show whether
 *   upstream fails, like those for tokens.
 */
export function createSend(options: {
  readonly transport: Transport;
  readonly governor: Governor;
  readonly mayWrite: () => boolean;
  readonly onWait: OnWait;
  readonly onCircuit: (isOpen: boolean) => void;
}): { readonly send: Send; readonly transport: Transport } {
  const breaker = new Breaker(options.governor, options.onCircuit);
  const transport = breaker.watch(options.transport);
  const attempt = createAttempt({ ...options, transport });
  const refusedWrites = new RefusedWrites();
  const send = withPatience(refusedWrites, withCircuit(breaker, refusedWrites, attempt));
  return { send, transport };
}

type OneAnswer = (
  kind: RequestKind,
  caller: Caller,
  request: UnsignedRequest,
  again: boolean,
) => Promise<Attempted>;

/**
 * Notices credentials whose reads upstream accepts and whose writes it answers with 401, whatever token signs them. Each
 * such write would cost two requests and a token, so further ones are refused for a while.
 */
class RefusedWrites {
  readonly #refused = new WeakMap<Credentials, { readonly notedAt: number; readonly until: number }>();

  isHeld(kind: RequestKind, { credentials }: Caller): boolean {
    if (kind !== 'write' || !credentials) return false;
    return performance.now() < (this.#refused.get(credentials)?.until ?? Number.NEGATIVE_INFINITY);
  }

  /**
   * Upstream refused a write with a fresh token. The first such token may have been revoked by chance; a second was not.
   * Upstream may hand out the same token again, so time tells them apart: a write sent before the first refusal was noted
   * may have had the same revoked token.
   */
  noteRefusal(kind: RequestKind, { credentials }: Caller, { sentAt }: HttpAnswer): void {
    if (kind !== 'write' || !credentials) return;
    const before = this.#refused.get(credentials);
    if (before && sentAt <= before.notedAt) return;
    const notedAt = performance.now();
    const until = before ? notedAt + REFUSAL_HOLDS_MS : Number.NEGATIVE_INFINITY;
    this.#refused.set(credentials, { notedAt, until });
  }

  noteAcceptance(kind: RequestKind, { credentials }: Caller): void {
    if (kind === 'write' && credentials) this.#refused.delete(credentials);
  }
}

/** Sends nothing while the circuit is open or writes are refused, even if that begins while the request waits for a place. */
function withCircuit(breaker: Breaker, refusedWrites: RefusedWrites, attempt: Attempt): OneAnswer {
  const probe = ({ credentials }: Caller) =>
    attempt('check', { deadline: performance.now() + HEALTH_READ_WAIT_MS, credentials }, HEALTH_READ);
  return async (kind, caller, request, again) => {
    for (let queued = again; ; queued = true) {
      if (refusedWrites.isHeld(kind, caller))
        throw new UnauthorizedError('upstream has just refused writes with fresh tokens');
      if (breaker.isOpen) await breaker.admit(kind, caller, () => probe(caller));
      const attempted = await attempt(kind, caller, request, {
        again: queued,
        isStillWanted: () => !breaker.isOpen && !refusedWrites.isHeld(kind, caller),
      });
      if (attempted) return attempted;
    }
  };
}

/** Waits out a 429, and renews the token once after a 401. */
function withPatience(refusedWrites: RefusedWrites, next: OneAnswer): Send {
  return async (kind, caller, request) => {
    let renewed = false;
    for (let again = false; ; again = true) {
      const { answer, authorization } = await next(kind, caller, request, again);
      if (answer.status === 429) continue;
      if (answer.status === 401) {
        if (renewed) refusedWrites.noteRefusal(kind, caller, answer);
        // While writes are held, another token would be refused too.
        if (renewed || refusedWrites.isHeld(kind, caller))
          throw new UnauthorizedError('upstream refused a fresh token');
        renewed = true;
        await caller.credentials?.renew(authorization, caller);
        continue;
      }
      if (answer.status >= 300 && answer.status < 400) {
        // Following the redirect would show the credentials to another host.
        throw new AnswerLostError(`upstream answered with a redirect (${answer.status})`, answer.sentAt);
      }
      refusedWrites.noteAcceptance(kind, caller);
      return answer;
    }
  };
}
