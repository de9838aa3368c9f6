// Looks at one video for evidence. Each look is a read of its own, begun after the write that it verifies; it never
// shares another read.

import type { Caller } from '../upstream/caller.ts';
import type { Place } from '../upstream/dialects.ts';
import { pause } from '../upstream/pause.ts';
import type { Video } from '../upstream/shapes.ts';
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
      return video ? toLook(video, begunAt) : { kind: 'absent' };
    } catch (error) {
      if (isOfCaller(error) || attempt === MAX_ATTEMPTS) return { kind: 'unavailable', cause: error };
      if (!(await pause(FIRST_PAUSE_MS * 2 ** attempt, caller))) return { kind: 'unavailable', cause: error };
    }
  }
}

/** What a read that began then shows with this video. */
export function toLook(video: Video, begunAt: number): Look {
  return { kind: video.removed ? 'removed' : 'live', video, begunAt };
}
