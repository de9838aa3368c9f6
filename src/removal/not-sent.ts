import { toRefusal, toUnsentAnswer, type UnsentAnswer } from '../upstream/write-answer.ts';
import { type Failed, failed } from './outcomes.ts';

/** The failure of a video whose write was not sent. */
export function toFailure(answer: UnsentAnswer): Failed {
  switch (answer.kind) {
    case 'withheld':
      return failed('NOT_ATTEMPTED', answer.retryAfterSeconds);
    case 'unauthorized':
      return failed('UPSTREAM_UNAUTHORIZED');
    case 'rejected':
      return { ...failed('UPSTREAM_REJECTED'), refusal: toRefusal(answer) };
    case 'unprepared':
      return failed('UPSTREAM_UNAVAILABLE');
  }
}

/**
 * The failure for a write that was not sent, because an earlier step failed with this error or, if undefined, ran out
 * of time.
 */
export function toNotSent(error: unknown): Failed {
  return error === undefined ? failed('NOT_ATTEMPTED') : toFailure(toUnsentAnswer(error));
}
