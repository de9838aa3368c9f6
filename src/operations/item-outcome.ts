// What the outcome of a video means for the item of an operation.
import type { DeleteOutcome, RestoreOutcome } from '../removal/outcomes.ts';
import { TOLERANCE_MS } from '../removal/removal-date.ts';
import { isTransient } from '../upstream/refusal.ts';
import type { Video } from '../upstream/shapes.ts';
import { type ItemOutcome, REJECTED_FOR_NOW } from './operation.ts';
import type { Removal, Settled } from './operation-store.ts';

export type VideoOutcome = DeleteOutcome | RestoreOutcome;

export function toItemOutcome(outcome: VideoOutcome): ItemOutcome {
  switch (outcome.kind) {
    case 'removed':
      return outcome.alreadyRemoved ? 'alreadyRemoved' : 'removed';
    case 'destroyed':
      return 'destroyed';
    case 'restored':
      if (outcome.alreadyLive === null) return 'live';
      return outcome.alreadyLive ? 'alreadyLive' : 'restored';
    case 'failed':
      return outcome.refusal && outcome.code === 'UPSTREAM_REJECTED' && isTransient(outcome.refusal)
        ? REJECTED_FOR_NOW
        : outcome.code;
  }
}

/** Whether nothing was sent, or nothing has changed: the item is pending again, since the operation has time. */
export function isPendingAgain(outcome: VideoOutcome): boolean {
  return (
    outcome.kind === 'failed' && (outcome.code === 'NOT_ATTEMPTED' || outcome.code === 'UPSTREAM_UNAVAILABLE')
  );
}

/** Whether reads were missing that would decide what became of it. */
export function isUndecided(outcome: VideoOutcome): boolean {
  return outcome.kind === 'failed' && outcome.isUndecided === true;
}

/** Whether a write was sent, and the video is as it was before. */
export function isUnchanged(outcome: VideoOutcome): boolean {
  return outcome.kind === 'failed' && outcome.isUnchanged === true;
}

export function isUnauthorized(outcome: VideoOutcome): boolean {
  return outcome.kind === 'failed' && outcome.code === 'UPSTREAM_UNAUTHORIZED';
}

/** When the video was removed, and when it will be destroyed, in milliseconds since the epoch; null where that was not read. */
export function toRemovalDates(outcome: VideoOutcome): Pick<Settled, 'removedAt' | 'deletesAt'> {
  if (outcome.kind !== 'removed') return NO_DATES;
  return { removedAt: toInstant(outcome.video.removedAt), deletesAt: toInstant(outcome.video.deletesAt) };
}

export const NO_DATES: Pick<Settled, 'removedAt' | 'deletesAt'> = { removedAt: null, deletesAt: null };

/** Whether a video is removed by the deletion that an undo undoes, and not by another one since. */
export function isRemovalOf({ removedAt, sentFrom, endedBy }: Removal, video: Video): boolean {
  const shown = toInstant(video.removedAt);
  if (shown === null) return false;
  if (removedAt !== null) return shown === removedAt;
  return (
    sentFrom !== null &&
    endedBy !== null &&
    shown >= sentFrom - TOLERANCE_MS &&
    shown <= endedBy + TOLERANCE_MS
  );
}

function toInstant(text: string | null): number | null {
  const instant = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}
