// One attempt at a request to upstream: a place in the budget, a signature, the connection. Whether to try again is for
// `send.ts`; what the answer means, for `videos.ts`.
import type { Caller, RequestKind } from './caller.ts';
import type { Governor } from './governor.ts';
import { type RequestEnd, toRequestEnd } from './request-end.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';
import { AnswerLostError, CancelledError, NotSentError } from './upstream-errors.ts';

export type UnsignedRequest = Omit<HttpRequest, 'headers'>;

export type Attempted = {
  readonly answer: HttpAnswer;
  /** The value of the Authorization header that the request was sent with. */
  readonly authorization: string;
};

export type AttemptOptions = {
  /** The request was sent before and answered 429: it goes to the head of its call. */
  readonly again?: boolean;
  /** Asked once there is a place in the budget: whether the request is still to be sent. */
  readonly isStillWanted?: () => boolean;
};

/**
 * Sends a request as soon as the budget allows.
 *
 * @returns undefined if it was not sent, because nobody wanted it any more when there was a place.
 * @throws {BudgetExhaustedError} not sent: the wait would be longer than the caller's.
 * @throws {CancelledError} not sent: the caller has gone away.
 * @throws {UnauthorizedError | NotSentError} not sent: nothing signs it, or there was no connection.
 * @throws {AnswerLostError} sent, and no complete answer.
 */
export type Attempt = (
  kind: RequestKind,
  caller: Caller,
  request: UnsignedRequest,
  options?: AttemptOptions,
) => Promise<Attempted | undefined>;

/** The credentials of its caller sign each request: those of one project may be many. */
export function createAttempt(transport: Transport, governor: Governor): Attempt {
  return async (kind, caller, request, { again = false, isStillWanted = () => true } = {}) => {
    await governor.acquire(kind, caller, again);
    let end: RequestEnd = { kind: 'unsent' };
    try {
      if (!isStillWanted()) return undefined;
      const { credentials, signal } = caller;
      if (!credentials) throw new NotSentError('the request has no credentials');
      const authorization = await credentials.authorization();
      // The token may have taken a while: nothing new is sent for a caller who has left meanwhile.
      if (signal?.aborted) throw new CancelledError('the caller disconnected');
      const answer = await transport.send({ ...request, headers: { authorization } });
      end = toRequestEnd(answer);
      if (isAccepted(answer)) credentials.accepted?.(answer.sentAt);
      return { answer, authorization };
    } catch (error) {
      if (error instanceof AnswerLostError) end = { kind: 'lost' };
      throw error;
    } finally {
      governor.release(kind, end);
    }
  };
}

/** Whether the answer shows that upstream knows who asked. */
function isAccepted({ status }: HttpAnswer): boolean {
  return (status >= 200 && status < 300) || status === 404;
}
