// A look at one video, as evidence: always a read begun after what it is to witness, never one shared with others.

import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Video } from '../upstream/shapes.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { BudgetExhaustedError, CancelledError, UnauthorizedError } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';

export type Look =
  | { readonly kind: 'live'; readonly video: Video }
  /** `video` is undefined where later witnesses vouch for the video without having read it. */
  | { readonly kind: 'removed'; readonly video: Video | undefined }
  | { readonly kind: 'absent' }
  /** Upstream showed nothing: `cause` is what was thrown, or undefined where the time was over. */
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/**
 * Both places, so that one move between them during the reads cannot make a video look absent: whatever state it was in
 * when the first read began, one of the others meets it.
 */
export const EVERY_PLACE = ['removed', 'live', 'removed'] as const;

/** A look that contradicts upstream's acknowledgement is believed only after so many times the lag. */
const CONTRADICTION_LAGS = 3;
const FIRST_PAUSE_MS = 100;
const MAX_ATTEMPTS = 5;

/** Shows a video as it is now. */
export async function look(videos: Videos, id: string, caller: Caller): Promise<Look> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const video = await videos.find(id, EVERY_PLACE, 'check', caller);
      if (!video) return { kind: 'absent' };
      return video.removed ? { kind: 'removed', video } : { kind: 'live', video };
    } catch (error) {
      const hopeless =
        error instanceof BudgetExhaustedError ||
        error instanceof CancelledError ||
        error instanceof UnauthorizedError;
      if (hopeless || attempt === MAX_ATTEMPTS) return { kind: 'unavailable', cause: error };
      if (!(await pause(FIRST_PAUSE_MS * 2 ** attempt, caller))) return { kind: 'unavailable', cause: error };
    }
  }
}

/** A write of ours that has ended, as far as a look after it depends on it. */
export type EndedWrite = {
  /** The state it was to bring about. */
  readonly goal: 'live' | 'removed';
  /** Acknowledged; 404, so that nothing has changed; or lost. */
  readonly answer: 'done' | 'missing' | 'lost';
  /** The first time it was sent in this call. */
  readonly sent: Sent | undefined;
  /** When it was answered or lost, on the clock of `performance.now()`. */
  readonly endedAt: number;
  /** Called where a look contradicts upstream's acknowledgement, before it is looked at again. */
  readonly onDoubt?: () => void;
};

/**
 * Shows a video after a write of ours. Reads may show what was before, so that what does not agree with upstream's
 * answer, and anything after a lost one, is believed only once the lag is over. Where upstream has acknowledged the write, the other
 * state is looked at again and again before it is believed.
 */
export async function lookAfterWrite(
  videos: Videos,
  id: string,
  caller: Caller,
  write: EndedWrite,
): Promise<Look> {
  const { lagMs } = videos;
  let absentSince: number | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(lagMs, pauseMs * 2)) {
    const begunAt = performance.now();
    const seen = await look(videos, id, caller);
    if (seen.kind === 'unavailable' || isBelievedAtOnce(seen, write)) return seen;
    // One look can miss a video that has just moved; two with the lag between them do not.
    absentSince = seen.kind === 'absent' ? (absentSince ?? performance.now()) : undefined;
    const contradicts = write.answer === 'done' && seen.kind !== 'absent' && seen.kind !== write.goal;
    const patience = contradicts ? CONTRADICTION_LAGS * lagMs : lagMs;
    const believedFrom = Math.max(write.endedAt, absentSince ?? 0) + patience;
    if (begunAt >= believedFrom) return seen;
    if (contradicts) write.onDoubt?.();
    const waited = await pause(contradicts ? pauseMs : believedFrom - performance.now(), caller);
    // Out of time: what may be no more than lag is no evidence.
    if (!waited) return { kind: 'unavailable', cause: undefined };
  }
}

function isBelievedAtOnce(seen: Look, { goal, answer, sent }: EndedWrite): boolean {
  if (seen.kind === 'absent') return answer === 'missing';
  if (seen.kind !== goal) return false;
  // What was lost leaves nothing to agree with; a removal from before a deletion that was answered 204 is an older one.
  return answer !== 'lost' && !(seen.kind === 'removed' && isBefore(seen.video, sent));
}

/** A time of removal may lie this far before our send: upstream rounds its times to seconds, twice. */
const TOLERANCE_MS = 2_000;

/** Whether a video is known to have been removed before the write was sent. */
export function isBefore(video: Video | undefined, sent: Sent | undefined): boolean {
  return video?.removedAt != null && sent !== undefined && !isSince(video, sent);
}

function isSince(video: Video | undefined, sent: Sent): boolean {
  return video?.removedAt != null && Date.parse(video.removedAt) >= sent.upstreamSentAt - TOLERANCE_MS;
}

/** Whether a look proves that removing was restorable when that write was sent: removed by its flag, and dated since. */
export function provesRestorable(look: Look, sent: Sent): boolean {
  return look.kind === 'removed' && isSince(look.video, sent);
}
