// What can be said of one write once it has ended, however it did: what the layers above decide upon.

import type { Video } from './shapes.ts';
import type { Sent, UpstreamClock } from './upstream-clock.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  CancelledError,
  NotSentError,
  UnauthorizedError,
  UpstreamStatusError,
} from './upstream-errors.ts';

/** What can be said of one write. */
export type WriteAnswer =
  /**
   * Answered as done. `video` is the body of a restore; its flag may still show the old state. `provesRemoved`: the answer to
   * a restore proves that the video was removed before it.
   */
  | ({ readonly kind: 'done'; readonly video: Video | undefined; readonly provesRemoved?: boolean } & Sent)
  /** 404: upstream finds no such video in the state that the write needs. */
  | { readonly kind: 'missing' }
  /** Another 4xx: upstream refuses it, and nothing has changed. */
  | { readonly kind: 'rejected'; readonly status: number }
  | { readonly kind: 'unauthorized' }
  /** Never on a connection. */
  | { readonly kind: 'unreachable' }
  /** Kept back: no budget within the wait, or the caller has gone. */
  | { readonly kind: 'withheld'; readonly retryAfterSeconds: number | undefined }
  /** Sent, and no answer that says anything. `failed`: a complete 5xx came. */
  | ({ readonly kind: 'lost'; readonly failed: boolean } & Sent);

const NOT_SENT = [BudgetExhaustedError, CancelledError, NotSentError, UnauthorizedError];

/** The same of a write that was not answered. @throws the error if it is none of upstream's. */
export function toWriteAnswer(error: unknown, clock: UpstreamClock): WriteAnswer {
  if (error instanceof AnswerLostError) return { kind: 'lost', failed: false, ...clock.sent(error.sentAt) };
  if (NOT_SENT.some((kind) => error instanceof kind)) return toUnsentAnswer(error);
  throw error;
}

/** The same of a write that was not sent, because what it needed first failed with this error. */
export function toUnsentAnswer(error: unknown): WriteAnswer {
  if (error instanceof BudgetExhaustedError)
    return { kind: 'withheld', retryAfterSeconds: error.retryAfterSeconds };
  if (error instanceof CancelledError) return { kind: 'withheld', retryAfterSeconds: undefined };
  if (error instanceof UnauthorizedError) return { kind: 'unauthorized' };
  if (error instanceof UpstreamStatusError && error.status < 500)
    return { kind: 'rejected', status: error.status };
  return { kind: 'unreachable' };
}
