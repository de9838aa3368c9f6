// Restores each removed video of a batch independently and reports its outcome. `decision-table.ts` interprets the
// evidence.

import { forEachOf, MOST_IN_PROGRESS } from '../upstream/for-each-of.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { type BeforeSend, createHookGate } from './before-send.ts';
import { type CallerOptions, type Callers, createCallers } from './create-callers.ts';
import { decideRestore } from './decision-table.ts';
import { lookAfterWrite } from './look-after-write.ts';
import { failed, provesAbsence, type RestoreOutcome } from './outcomes.ts';
import { pursue } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';

export type RestoreOptions = CallerOptions & {
  readonly beforeSend?: BeforeSend | undefined;
  /** Called once per video, as soon as its outcome is known: the batch may end much later, or be killed. */
  readonly onOutcome?: ((id: string, outcome: RestoreOutcome) => void) | undefined;
};

/**
 * Restores removed videos of a project.
 *
 * @param ids - distinct; an id of the wrong form gets INVALID_ID and is never sent.
 * @returns an outcome for every id. It never rejects, whatever upstream does.
 */
export async function restoreBatch(
  project: RemovalProject,
  ids: readonly string[],
  options: RestoreOptions,
): Promise<Map<string, RestoreOutcome>> {
  const { locks, absences } = project;
  const callers = createCallers(project, options);
  const outcomes = new Map<string, RestoreOutcome>();
  await forEachOf(ids, MOST_IN_PROGRESS, async (id) => {
    let outcome: RestoreOutcome | undefined;
    if (!isVideoId(id)) outcome = failed('INVALID_ID');
    else if (!project.mayWrite()) outcome = failed('NOT_ATTEMPTED');
    else if (absences.has(id)) outcome = failed('NOT_FOUND');
    else
      outcome = await locks.run(id, callers.sender, () => restore(project, id, callers, options.beforeSend));
    outcome ??= failed('NOT_ATTEMPTED');
    outcomes.set(id, outcome);
    if (provesAbsence(outcome)) absences.note(id);
    options.onOutcome?.(id, outcome);
  });
  return outcomes;
}

/** The caller holds the lock of the video. */
async function restore(
  { videos, recentWrites, onFault }: RemovalProject,
  id: string,
  { sender, checker }: Callers,
  beforeSend: BeforeSend | undefined,
): Promise<RestoreOutcome> {
  const gate = createHookGate(id, beforeSend);
  let mayHaveChanged = false;
  const restored = await pursue<RestoreOutcome>({
    async write() {
      const answer = await videos.restore(id, sender, gate);
      mayHaveChanged ||= answer.kind === 'done' || answer.kind === 'lost';
      return answer;
    },
    look: (_answer, write) => lookAfterWrite(videos, id, checker, { goal: 'live', ...write }),
    decide: decideRestore,
    mayRepeat: async () => true,
    earlierActAt: recentWrites.since(id, performance.now() - videos.lagMs)?.at,
    seen: undefined,
  }).catch((fault: unknown) => {
    onFault(fault);
    return failed(mayHaveChanged ? 'OUTCOME_UNKNOWN' : 'NOT_ATTEMPTED');
  });
  if (mayHaveChanged) recentWrites.note(id, restored.kind === 'restored' ? 'live' : undefined);
  return restored;
}
