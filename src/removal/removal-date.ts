// What the date of a removal shows: whether a deletion of ours caused it.
import type { Look } from '../search/look.ts';
import type { Video } from '../upstream/shapes.ts';
import type { Sent } from '../upstream/upstream-clock.ts';

/** How far before our send a removal may be dated: upstream rounds its times to seconds, twice. */
export const TOLERANCE_MS = 2_000;

/** Whether a video is known to have been removed before the write was sent. */
export function wasRemovedBefore(video: Video | undefined, sent: Sent | undefined): boolean {
  return video?.removedAt != null && sent !== undefined && !isSince(video, sent);
}

/** Whether a video is known to have been removed after the write must have had its effect, so by somebody else. */
export function wasRemovedAfter(video: Video | undefined, effectBy: number | undefined): boolean {
  return video?.removedAt != null && isOver(effectBy, Date.parse(video.removedAt));
}

/** Whether a time on upstream's clock is past the one by which a write must have had its effect. */
export function isOver(effectBy: number | undefined, at: number): boolean {
  return effectBy !== undefined && at > effectBy + TOLERANCE_MS;
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
