// Looks at one video for evidence. Each look is a read of its own, begun after the write that it verifies; it never
// shares another read.

import type { Caller } from '../upstream/caller.ts';
import type { Place } from '../upstream/dialects.ts';
import { pause } from '../upstream/pause.ts';
import type { Video } from '../upstream/shapes.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { isOfCaller } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';

export type Look =
  /** `begunAt`: when the read began, on the clock of `performance.now()`. */
  | { readonly kind: 'live' | 'removed'; readonly video: Video; readonly begunAt: number }
  | { readonly kind: 'absent' }
  /** The look failed. `cause`: the error, or undefined if the time ran out. */
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/**
 * One round of a look. A video that moves during a round can be missed in both places, so no single round proves that it
 * is absent: that takes a second one, begun once upstream's reads show everything that was done before the end of the
 * first.
 */
export const EVERY_PLACE = ['removed', 'live'] as const;

/** The same for a video that should be live. */
export const LIVE_FIRST = ['live', 'removed'] as const;

/** The pause before a video is read again; it doubles each time. */
export const FIRST_PAUSE_MS = 100;
const MAX_ATTEMPTS = 5;

/**
 * Reads the current state of a video. It retries failed reads and never rejects.
 *
 * @param places - where to look, in this order; `absent` is what none of them shows.
 */
export async function look(
  videos: Videos,
  id: string,
  caller: Caller,
  places: readonly Place[] = EVERY_PLACE,
): Promise<Look> {
  for (let attempt = 1; ; attempt += 1) {
    const begunAt = performance.now();
    try {
      const video = await videos.find(id, places, 'check', caller);
      if (!video) return { kind: 'absent' };
      return { kind: video.removed ? 'removed' : 'live', video, begunAt };
    } catch (error) {
      if (isOfCaller(error) || attempt === MAX_ATTEMPTS) return { kind: 'unavailable', cause: error };
      if (!(await pause(FIRST_PAUSE_MS * 2 ** attempt, caller))) return { kind: 'unavailable', cause: error };
    }
  }
}

/** How far before our send a removal may be dated: upstream rounds its times to seconds, twice. */
export const TOLERANCE_MS = 2_000;

/** Whether a video is known to have been removed before the write was sent. */
export function wasRemovedBefore(video: Video | undefined, sent: Sent | undefined): boolean {
  return video?.removedAt != null && sent !== undefined && !isSince(video, sent);
}

function isSince(video: Video | undefined, sent: Sent): boolean {
  return video?.removedAt != null && Date.parse(video.removedAt) >= sent.upstreamSentAt - TOLERANCE_MS;
}

/**
 * Whether a look proves that deletions were restorable when that write was sent, unless an earlier act of ours explains
 * it: the video's flag shows it removed, and the removal is dated no earlier than the write.
 */
export function provesRestorable(look: Look, sent: Sent): boolean {
  return look.kind === 'removed' && isSince(look.video, sent);
}
