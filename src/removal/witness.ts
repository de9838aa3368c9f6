// Verifies one deletion that upstream answered with 204, which shows neither whether it removed the video nor whether it
// destroyed it. The read that shows the removal is the proof that deletions can be restored.

import { EVERY_PLACE, FIRST_PAUSE_MS, type Look, look } from '../search/look.ts';
import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import type { Videos } from '../upstream/videos.ts';
import { CONTRADICTION_LAGS } from './look-after-write.ts';
import { provesRestorable } from './removal-date.ts';
import type { Risk, RiskWindow } from './risk-window.ts';

export type AcknowledgedDeletion = {
  readonly risk: Risk;
  readonly sent: Sent;
  /** When the 204 came, on the clock of `performance.now()`. */
  readonly endedAt: number;
  /** When our act on the video before this deletion ended: reads may still show the state before that one, too. */
  readonly earlierActAt: number | undefined;
};

/**
 * Reads a deleted video until its state is certain: only among the removed videos, where it should be, until the lag is
 * over, and then in every place. It tells the window what each read shows.
 *
 * @returns `removed`, by this deletion or before it; `absent` after two rounds with the lag between them; or `live`, if
 *   upstream keeps contradicting its own 204.
 */
export async function witness(
  videos: Videos,
  id: string,
  window: RiskWindow,
  { risk, sent, endedAt, earlierActAt = Number.NEGATIVE_INFINITY }: AcknowledgedDeletion,
  caller: Caller,
): Promise<Look> {
  const { lagMs } = videos;
  const lagIsOverAt = Math.max(endedAt, earlierActAt) + lagMs;
  let absentSince: number | undefined;
  let waitMs = window.startVerifying(risk);
  // Only a read that came too early shows how late the next one had to be.
  let isDelayKnown = waitMs === 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(lagMs, pauseMs * 2)) {
    // Out of time: a state that lag may explain is no evidence.
    if (waitMs > 0 && !(await pause(waitMs, caller))) return { kind: 'unavailable', cause: undefined };
    const begunAt = performance.now();
    // Between two rounds, only a removal is news.
    const isRound = begunAt >= lagIsOverAt && begunAt >= (absentSince ?? Number.NEGATIVE_INFINITY) + lagMs;
    const seen = await look(videos, id, caller, isRound ? EVERY_PLACE : ['removed']);
    if (seen.kind === 'unavailable') return seen;
    // Until its lag is over, a removal of ours from before that act looks like the effect of this deletion.
    if (provesRestorable(seen, sent) && begunAt >= earlierActAt + lagMs) {
      const isPutOff = earlierActAt + lagMs > endedAt;
      const delayMs = isDelayKnown && !isPutOff ? begunAt - endedAt : undefined;
      window.confirm(risk, sent, isPutOff ? endedAt : begunAt, delayMs);
      return seen;
    }
    isDelayKnown = true;
    const isLate = isRound || window.isLate(begunAt - endedAt);
    if (isLate && seen.kind !== 'removed') window.doubt(risk);
    if (isRound && seen.kind !== 'absent') {
      // Reads would not show a destroyed video any more.
      window.leave(risk);
      if (seen.kind === 'removed' || begunAt >= lagIsOverAt + (CONTRADICTION_LAGS - 1) * lagMs) return seen;
    }
    if (isRound && seen.kind === 'absent') {
      if (absentSince !== undefined) return seen;
      absentSince = performance.now();
    } else if (seen.kind !== 'absent') absentSince = undefined;
    // Polls only where others wait for the result.
    const isAwaited = window.isAwaited(risk) || seen.kind === 'live';
    const roundAt = absentSince === undefined ? lagIsOverAt : absentSince + lagMs;
    const untilRound = roundAt - performance.now();
    waitMs = untilRound > 0 ? Math.min(untilRound, isAwaited ? pauseMs : untilRound) : pauseMs;
  }
}
