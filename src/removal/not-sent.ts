import type { WaitLimits } from '../upstream/caller.ts';
import { toCancelled } from '../upstream/upstream-errors.ts';
import { toRefusal, toUnsentAnswer, type UnsentAnswer } from '../upstream/write-answer.ts';
import { type Failed, failed, type NotAttemptedReason, notAttempted } from './outcomes.ts';

/** The failure of a video whose write was not sent. */
export function toFailure(answer: UnsentAnswer): Failed {
  switch (answer.kind) {
    case 'withheld':
      return notAttempted(answer.reason, answer.retryAfterSeconds);
    case 'unauthorized':
      return failed('UPSTREAM_UNAUTHORIZED');
    case 'rejected':
      return { ...failed('UPSTREAM_REJECTED'), refusal: toRefusal(answer) };
    case 'unprepared':
      return failed('UPSTREAM_UNAVAILABLE');
  }
}

/**
 * The failure for a write that was not sent, because the look before it failed with this error or, if undefined, ran out
 * of time.
 */
export function toNotSent(error: unknown): Failed {
  return error === undefined ? notAttempted('look') : toFailure(toUnsentAnswer(error));
}

/** The failure for a write that was not sent, because a wait ended without a result: cancelled, or out of time. */
export function toWaitOver({ signal }: WaitLimits, reason: NotAttemptedReason): Failed {
  return signal?.aborted ? notAttempted(toCancelled(signal).reason) : notAttempted(reason);
}
