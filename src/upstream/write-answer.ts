// The result of one write once it has ended, in any way: the layers above decide by it.

import { UNKNOWN_PATH } from './read-answer.ts';
import { type Refusal, readRefusal } from './refusal.ts';
import type { Video } from './shapes.ts';
import type { HttpAnswer } from './transport.ts';
import type { Sent, UpstreamClock } from './upstream-clock.ts';
import {
  AnswerLostError,
  BudgetExhaustedError,
  CancelledError,
  type CancelReason,
  HeldBackError,
  isOfCaller,
  type LateReason,
  NotSentError,
  UnauthorizedError,
  UpstreamStatusError,
} from './upstream-errors.ts';

/** The result of one write. */
export type WriteAnswer =
  /**
   * Upstream acknowledged it. `video`: the body of a restore, whose flag may still show the old state, or of a
   * creation. `provesRemoved`: the answer to a restore proves that the video was removed before it.
   */
  | ({ readonly kind: 'done'; readonly video: Video | undefined; readonly provesRemoved?: boolean } & Sent)
  /** 404: upstream has no such video in the state that the write needs. */
  | ({ readonly kind: 'missing' } & Sent)
  /** Another 4xx with a problem document of upstream: upstream refused it, and nothing has changed. */
  | ({ readonly kind: 'rejected' } & Refusal)
  | { readonly kind: 'unauthorized' }
  /** It was never put on a connection. */
  | { readonly kind: 'unreachable' }
  /** Not sent, because a step that it needs first failed; that step has had its retries. */
  | { readonly kind: 'unprepared' }
  /** Not sent: it could not be before the deadline, or it was cancelled. */
  | {
      readonly kind: 'withheld';
      readonly reason: LateReason | CancelReason;
      readonly retryAfterSeconds: number | undefined;
    }
  /** Not sent: its own gate held it back. */
  | { readonly kind: 'held' }
  /**
   * Sent, but the answer shows nothing. `failed`: a complete answer shows that the attempt was given up: a 5xx, or a 4xx of
   * something in between, but for those that tell of a wait given up. `status`: that of the complete answer.
   */
  | ({ readonly kind: 'lost'; readonly failed: boolean; readonly status?: number } & Sent);

/** The answers of a write that was not sent because of an earlier step. */
export type UnsentAnswer = Extract<
  WriteAnswer,
  { kind: 'withheld' | 'unauthorized' | 'rejected' | 'unprepared' }
>;

/**
 * Answers of something that no longer waits for upstream, which may still be at work. 460 is AWS's, 499 nginx's, 524
 * Cloudflare's; 598 and 599 are those of several proxies.
 */
const GAVE_UP_WAITING = new Set([408, 460, 499, 504, 524, 598, 599]);

/** Converts a complete answer that acknowledges nothing. Only upstream's own refusal shows that nothing has changed. */
export function toRefusedAnswer(answer: HttpAnswer, sent: Sent): WriteAnswer {
  const { status } = answer;
  const refusal = readRefusal(answer);
  if (!refusal)
    return { kind: 'lost', failed: status >= 400 && !GAVE_UP_WAITING.has(status), status, ...sent };
  const isMissing = status === 404 && refusal.type !== UNKNOWN_PATH;
  return isMissing ? { kind: 'missing', ...sent } : { kind: 'rejected', ...refusal };
}

/** The refusal or failure in the answer to a write; undefined if there is none, or the answer is not complete. */
export function toRefusal(answer: WriteAnswer): Refusal | undefined {
  if (answer.kind === 'rejected') {
    const { status, type, title } = answer;
    return { status, type, title };
  }
  return answer.kind === 'lost' && answer.status !== undefined ? { status: answer.status } : undefined;
}

/** Converts the error of a write that got no answer. @throws the error itself if it is not one of upstream's. */
export function toWriteAnswer(error: unknown, clock: UpstreamClock): WriteAnswer {
  if (error instanceof AnswerLostError) return { kind: 'lost', failed: false, ...clock.sent(error.sentAt) };
  if (error instanceof HeldBackError) return { kind: 'held' };
  if (error instanceof NotSentError) return { kind: 'unreachable' };
  if (isOfCaller(error)) return toUnsentAnswer(error);
  throw error;
}

/** Converts the error of a step that failed before the write, so that the write was not sent. */
export function toUnsentAnswer(error: unknown): UnsentAnswer {
  if (error instanceof BudgetExhaustedError)
    return { kind: 'withheld', reason: error.reason, retryAfterSeconds: error.retryAfterSeconds };
  if (error instanceof CancelledError)
    return { kind: 'withheld', reason: error.reason, retryAfterSeconds: undefined };
  if (error instanceof UnauthorizedError) return { kind: 'unauthorized' };
  if (error instanceof UpstreamStatusError && error.refusal) return { kind: 'rejected', ...error.refusal };
  return { kind: 'unprepared' };
}
