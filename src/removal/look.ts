// Looks at one video for evidence. Each look is a read of its own, begun after the write that it verifies; it never
// shares another read.

import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Video } from '../upstream/shapes.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { isOfCaller } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';

export type Look =
  | { readonly kind: 'live'; readonly video: Video }
  /** `video` is undefined if later witnesses vouch for the video and nobody read it. */
  | { readonly kind: 'removed'; readonly video: Video | undefined }
  | { readonly kind: 'absent' }
  /** The look failed. `cause`: the error, or undefined if the time ran out. */
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/**
 * Removed videos twice, around the live ones. So a video that moves once during a look shows up in at least one of the
 * reads, and never looks absent.
 */
export const EVERY_PLACE = ['removed', 'live', 'removed'] as const;

/** A look that contradicts upstream's acknowledgement counts only this many lags after the write. */
const CONTRADICTION_LAGS = 3;
const FIRST_PAUSE_MS = 100;
const MAX_ATTEMPTS = 5;

/** Reads the current state of a video. It retries failed reads and never rejects. */
export async function look(videos: Videos, id: string, caller: Caller): Promise<Look> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const video = await videos.find(id, EVERY_PLACE, 'check', caller);
      if (!video) return { kind: 'absent' };
      return video.removed ? { kind: 'removed', video } : { kind: 'live', video };
    } catch (error) {
      if (isOfCaller(error) || attempt === MAX_ATTEMPTS) return { kind: 'unavailable', cause: error };
      if (!(await pause(FIRST_PAUSE_MS * 2 ** attempt, caller))) return { kind: 'unavailable', cause: error };
    }
  }
}

/** What a look after a write needs to know about it. */
export type EndedWrite = {
  /** The state that the write was meant to bring about. */
  readonly goal: 'live' | 'removed';
  /** Acknowledged; answered 404, so that nothing has changed; or lost. */
  readonly answer: 'done' | 'missing' | 'lost';
  /** When this call first sent it. */
  readonly sent: Sent | undefined;
  /** When it was answered or its answer was lost, on the clock of `performance.now()`. */
  readonly endedAt: number;
  /** Called when a look contradicts upstream's acknowledgement, before the next look. */
  readonly onDoubt?: () => void;
};

/**
 * Reads a video after a write. Reads may lag and show the old state. So a result that disagrees with upstream's answer,
 * and any result after a lost write, counts only once the lag is over. If upstream acknowledged the write, the video is
 * read again and again before the opposite state counts.
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
    // One look can miss a video that has just moved; two looks with the lag between them do not.
    absentSince = seen.kind === 'absent' ? (absentSince ?? performance.now()) : undefined;
    const contradicts = write.answer === 'done' && seen.kind !== 'absent' && seen.kind !== write.goal;
    const patience = contradicts ? CONTRADICTION_LAGS * lagMs : lagMs;
    const believedFrom = Math.max(write.endedAt, absentSince ?? 0) + patience;
    if (begunAt >= believedFrom) return seen;
    if (contradicts) write.onDoubt?.();
    const waited = await pause(contradicts ? pauseMs : believedFrom - performance.now(), caller);
    // Out of time: a state that lag may explain is no evidence.
    if (!waited) return { kind: 'unavailable', cause: undefined };
  }
}

function isBelievedAtOnce(seen: Look, { goal, answer, sent }: EndedWrite): boolean {
  if (seen.kind === 'absent') return answer === 'missing';
  if (seen.kind !== goal) return false;
  // A lost answer leaves nothing to agree with. A removal dated before our deletion is an older removal, not its
  // effect.
  return answer !== 'lost' && !(seen.kind === 'removed' && wasRemovedBefore(seen.video, sent));
}

/** How far before our send a removal may be dated: upstream rounds its times to seconds, twice. */
const TOLERANCE_MS = 2_000;

/** Whether a video is known to have been removed before the write was sent. */
export function wasRemovedBefore(video: Video | undefined, sent: Sent | undefined): boolean {
  return video?.removedAt != null && sent !== undefined && !isSince(video, sent);
}

function isSince(video: Video | undefined, sent: Sent): boolean {
  return video?.removedAt != null && Date.parse(video.removedAt) >= sent.upstreamSentAt - TOLERANCE_MS;
}

/**
 * Whether a look proves that deletions were restorable when that write was sent. It does if the video's flag shows it
 * removed, and the removal is dated no earlier than the write.
 */
export function provesRestorable(look: Look, sent: Sent): boolean {
  return look.kind === 'removed' && isSince(look.video, sent);
}
