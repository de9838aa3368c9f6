// Notes what the final outcome of a video means for later reads, whoever sends them.
import type { Caller } from '../upstream/caller.ts';
import { type DeleteOutcome, provesAbsence, type RestoreOutcome } from './outcomes.ts';
import type { RemovalProject } from './removal-project.ts';

/** @param call - the call that gets the outcome. */
export function noteOutcome(
  { absences, recentWrites, videos }: RemovalProject,
  id: string,
  outcome: DeleteOutcome | RestoreOutcome,
  call: Pick<Caller, 'isBulk'>,
): void {
  if (provesAbsence(outcome)) absences.noteUnlessKnown(id);
  // A write whose answer was lost is settled only now. And the call may have met a bulk write to its video, sent nothing
  // itself, and look at the lists next.
  if (recentWrites.latest(id)) videos.forgetReads(call);
}
