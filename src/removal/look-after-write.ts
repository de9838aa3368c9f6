// Looks at a video after a write of ours, until its state is certain. Reads may lag and show the state before the write.
// `witness.ts` does the same for deletions that upstream acknowledged.

import { EVERY_PLACE, FIRST_PAUSE_MS, LIVE_FIRST, type Look, look } from '../search/look.ts';
import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { toCancelled } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';
import { wasRemovedBefore } from './removal-date.ts';

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
  /** When our act on the video before this one ended: reads may still show the state before that one, too. */
  readonly earlierActAt?: number | undefined;
};

/** A look that contradicts upstream's acknowledgement counts only this many lags after the write. */
export const CONTRADICTION_LAGS = 3;

/**
 * Reads a video until its state is certain. A state that disagrees with upstream's answer, and any state after a lost
 * write, counts only once the lag is over. If upstream acknowledged the write, the video is read again and again before
 * the opposite state counts. That a video is absent takes two rounds with the lag between them, and the lag before them
 * if the write may have moved it.
 */
export async function lookAfterWrite(
  videos: Videos,
  id: string,
  caller: Caller,
  write: EndedWrite,
): Promise<Look> {
  const { lagMs } = videos;
  const lagIsOverAt = write.endedAt + lagMs;
  let absentSince: number | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(lagMs, pauseMs * 2)) {
    const begunAt = performance.now();
    const seen = await look(videos, id, caller, write.goal === 'live' ? LIVE_FIRST : EVERY_PLACE);
    if (seen.kind === 'unavailable') return seen;
    const isAfterEarlier = begunAt >= (write.earlierActAt ?? Number.NEGATIVE_INFINITY) + lagMs;
    if (isAfterEarlier && isBelievedAtOnce(seen, write)) return seen;
    let nextAt = lagIsOverAt;
    if (seen.kind === 'absent') {
      if (absentSince !== undefined) return seen;
      if (write.answer === 'missing' || begunAt >= lagIsOverAt) absentSince = performance.now();
      if (absentSince !== undefined) nextAt = absentSince + lagMs;
    } else {
      absentSince = undefined;
      // What agrees, but may be a state from before an earlier act, only has to wait for the lag.
      const contradicts = write.answer === 'done' && seen.kind !== write.goal;
      if (begunAt >= write.endedAt + (contradicts ? CONTRADICTION_LAGS : 1) * lagMs) return seen;
      const pollAt = performance.now() + pauseMs;
      if (contradicts) nextAt = begunAt < lagIsOverAt ? Math.min(lagIsOverAt, pollAt) : pollAt;
    }
    // Out of time: a state that lag may explain is no evidence.
    if (!(await pause(nextAt - performance.now(), caller)))
      return { kind: 'unavailable', cause: caller.signal?.aborted ? toCancelled(caller.signal) : undefined };
  }
}

function isBelievedAtOnce(seen: Look, { goal, answer, sent }: EndedWrite): boolean {
  // A lost answer leaves nothing to agree with. A removal dated before our deletion is an older removal, not its
  // effect.
  if (answer === 'lost' || seen.kind !== goal) return false;
  return !(seen.kind === 'removed' && wasRemovedBefore(seen.video, sent));
}
