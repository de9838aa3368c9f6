// The possible outcomes of one video, in the gateway's own terms. An outcome claims no more than the evidence proves.
import type { Refusal } from '../upstream/refusal.ts';
import type { Video } from '../upstream/shapes.ts';
import type { CancelReason, LateReason } from '../upstream/upstream-errors.ts';

export const FAILURE_CODES = [
  'NOT_FOUND',
  'INVALID_ID',
  'PERMANENT_DELETION_REFUSED',
  'DESTROYED',
  'OUTCOME_UNKNOWN',
  'NOT_ATTEMPTED',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_REJECTED',
  'UPSTREAM_UNAUTHORIZED',
  'CHANGED_SINCE',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/**
 * Why a call did not change a video that it could have changed.
 *
 * - `otherCall`: another call worked on the video until the wait was over.
 * - `look`: the wait was over before it was certain whether the video is live, removed or absent.
 * - `earlierDeletion`: an earlier deletion of the video may still take effect.
 * - `fault`: the gateway has a fault.
 */
export type NotAttemptedReason =
  | LateReason
  | CancelReason
  | 'otherCall'
  | 'look'
  | 'earlierDeletion'
  | 'fault';

export type Failed = {
  readonly kind: 'failed';
  readonly code: FailureCode;
  /** Given with NOT_ATTEMPTED. */
  readonly reason?: NotAttemptedReason | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** The refusal or failure that the latest write was answered with. */
  readonly refusal?: Refusal | undefined;
  /** Whether only reads are missing that would decide it: a later look may. */
  readonly isUndecided?: boolean;
  /** Whether a look has shown the video as it was before, although a write was sent. Perhaps that still takes effect. */
  readonly isUnchanged?: boolean;
};

export type DeleteOutcome =
  /** Removed and restorable, as a read showed. `alreadyRemoved`: it was removed before the call. */
  | { readonly kind: 'removed'; readonly alreadyRemoved: boolean; readonly video: Video }
  /** Permanently deleted, which the caller allowed. */
  | { readonly kind: 'destroyed' }
  | Failed;

export type RestoreOutcome =
  /** `alreadyLive`: it was live before the call; null if the evidence proves neither. */
  { readonly kind: 'restored'; readonly alreadyLive: boolean | null; readonly video: Video } | Failed;

export function failed(code: Exclude<FailureCode, 'NOT_ATTEMPTED'>): Failed {
  return { kind: 'failed', code };
}

export function notAttempted(reason: NotAttemptedReason, retryAfterSeconds?: number): Failed {
  return { kind: 'failed', code: 'NOT_ATTEMPTED', reason, retryAfterSeconds };
}

/** It was sent, and no read has shown what became of it. */
export const UNDECIDED: Failed = { ...failed('OUTCOME_UNKNOWN'), isUndecided: true };

/** Whether an outcome proves that there is no such video, and never will be. */
export function provesAbsence(outcome: DeleteOutcome | RestoreOutcome): boolean {
  if (outcome.kind === 'failed') return outcome.code === 'NOT_FOUND' || outcome.code === 'DESTROYED';
  return outcome.kind === 'destroyed';
}
