// Makes one attempt at a request to upstream: takes a place in the budget, signs the request and sends it. `send.ts`
// decides whether to retry; `videos.ts` interprets the answer.
import type { Caller, Gate, RequestKind } from './caller.ts';
import type { Governor } from './governor.ts';
import { readRefusal } from './refusal.ts';
import { type RequestEnd, toRequestEnd } from './request-end.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';
import { CancelledError, NotSentError, toCancelled } from './upstream-errors.ts';
import type { OnWait } from './wait-clocks.ts';

export type UnsignedRequest = Omit<HttpRequest, 'headers'> & {
  /** What a write waits for, in addition to the budget. */
  readonly gate?: Gate | undefined;
};

export type Attempted = {
  readonly answer: HttpAnswer;
  /** The value of the Authorization header that the request was sent with. */
  readonly authorization: string;
};

export type AttemptOptions = {
  /** The request has had a turn before, so it goes to the front of its call. */
  readonly again?: boolean;
  /** Called once the budget has a place for the request: whether to send it after all. */
  readonly isStillWanted?: () => boolean;
};

/**
 * Sends a request as soon as the budget allows.
 *
 * @returns undefined if `isStillWanted` returned false: the request was not sent.
 * @throws {BudgetExhaustedError} not sent: the budget does not allow it, or no token came, before the caller's deadline.
 * @throws {CancelledError} not sent: the caller disconnected, the gateway is stopping, or no writes may be sent.
 * @throws {HeldBackError} not sent: its gate held it back.
 * @throws {UnauthorizedError | NotSentError} not sent: nothing signs it, or there was no connection.
 * @throws {AnswerLostError} sent, but no complete answer came.
 */
export type Attempt = (
  kind: RequestKind,
  caller: Caller,
  request: UnsignedRequest,
  options?: AttemptOptions,
) => Promise<Attempted | undefined>;

/**
 * Signs each request with its caller's credentials: the callers of one project may have different ones.
 *
 * @param options - `mayWrite`: asked right before each write, whatever it is for; with false, the write is cancelled.
 *   `onWait`: called while a request waits for its turn.
 */
export function createAttempt({
  transport,
  governor,
  mayWrite,
  onWait,
}: {
  readonly transport: Transport;
  readonly governor: Governor;
  readonly mayWrite: () => boolean;
  readonly onWait: OnWait;
}): Attempt {
  return async (kind, caller, { gate, ...request }, { again = false, isStillWanted = () => true } = {}) => {
    const { rateLimit, proof } = governor.waits[kind];
    const waits = [onWait('rateLimit', rateLimit), ...(gate ? [onWait('proof', proof)] : [])];
    try {
      await governor.acquire(kind, caller, { again, gate });
    } finally {
      for (const endWait of waits) endWait();
    }
    let end: RequestEnd = { kind: 'unsent' };
    let isHandedOver = false;
    let status: number | undefined;
    try {
      if (!isStillWanted()) return undefined;
      const { credentials, signal } = caller;
      if (!credentials) throw new NotSentError('the request has no credentials');
      const authorization = await credentials.authorization(caller);
      // Getting the token may have taken a while: do not send for a caller that disconnected meanwhile.
      if (signal?.aborted) throw toCancelled(signal);
      // Asked before, because the gate may send a read, and after, because that takes a while.
      const assertMayWrite = () => {
        if (kind === 'write' && !mayWrite()) throw new CancelledError('the log cannot be written', 'log');
      };
      assertMayWrite();
      await gate?.beforeSend();
      if (signal?.aborted) throw toCancelled(signal);
      assertMayWrite();
      isHandedOver = true;
      const answer = await transport.send({ ...request, headers: { authorization } });
      end = toRequestEnd(answer);
      status = answer.status;
      if (isAccepted(answer)) credentials.accepted?.(answer.sentAt);
      return { answer, authorization };
    } catch (error) {
      // Whatever failed then: upstream may have acted on it.
      if (isHandedOver && !(error instanceof NotSentError)) end = { kind: 'lost' };
      throw error;
    } finally {
      if (end.kind === 'unsent' || status === 429 || status === 401) gate?.leave();
      governor.release(kind, end);
    }
  };
}

/** Whether the answer shows that upstream accepted the credentials. */
function isAccepted(answer: HttpAnswer): boolean {
  const { status } = answer;
  return (status >= 200 && status < 300) || (status === 404 && readRefusal(answer) !== undefined);
}
