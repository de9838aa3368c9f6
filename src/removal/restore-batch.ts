// Restores each removed video of a batch independently and reports its outcome. `decision-table.ts` interprets the
// evidence.

import type { Look } from '../search/look.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { runBatch, SEARCH_NEEDED, type SearchNeeded } from './batch.ts';
import { type BeforeSend, createHookGate } from './before-send.ts';
import { type CallerOptions, type Callers, createCallers, isTakenBack } from './create-callers.ts';
import { decideRestore } from './decision-table.ts';
import { lookAfterWrite } from './look-after-write.ts';
import { isOutdated } from './look-before.ts';
import { toNotSent, toWaitOver } from './not-sent.ts';
import { failed, notAttempted, provesAbsence, type RestoreOutcome } from './outcomes.ts';
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
  const outcomes = new Map<string, RestoreOutcome>();
  const settle = (id: string, outcome: RestoreOutcome) => {
    outcomes.set(id, outcome);
    if (provesAbsence(outcome)) project.absences.noteUnlessKnown(id);
    options.onOutcome?.(id, outcome);
  };
  const sendable = ids.filter((id) => {
    const isId = isVideoId(id);
    const failure = isId ? (project.mayWrite() ? undefined : notAttempted('log')) : failed('INVALID_ID');
    if (failure) settle(id, failure);
    return failure === undefined;
  });
  const callers = createCallers(project, options);
  const call: RestoreCall = { ...callers, beforeSend: options.beforeSend, begunAt: performance.now() };
  await runBatch<RestoreOutcome>(project, sendable, {
    goal: 'removed',
    looksFirst: false,
    callers,
    act: async (id, look) => {
      const outcome = project.locks.run(id, callers.sender, () => restoreOne(project, id, call, look));
      return (await outcome) ?? toWaitOver(callers.sender, 'otherCall');
    },
    onOutcome: settle,
  });
  return outcomes;
}

type RestoreCall = Callers & { readonly beforeSend: BeforeSend | undefined; readonly begunAt: number };

/** The caller holds the lock of the video. As for `deleteOne`. */
async function restoreOne(
  project: RemovalProject,
  id: string,
  call: RestoreCall,
  look: Look | undefined,
): Promise<RestoreOutcome | SearchNeeded> {
  const { videos, recentWrites, onFault } = project;
  const { sender, writeFirst, checker, beforeSend, begunAt } = call;
  const seen = look && !isOutdated(look, id, begunAt, project) ? look : undefined;
  const unsent = seen && toOutcomeUnsent(seen);
  if (unsent) return unsent;
  const earlierActAt = recentWrites.since(id, performance.now() - videos.lagMs)?.at;
  const isUnknown = look === undefined && earlierActAt === undefined;
  let mayHaveChanged = false;
  let isUnderWay = false;
  const gate = createHookGate(id, beforeSend, (isSent) => {
    isUnderWay = isSent;
  });
  const restored = await pursue<RestoreOutcome | SearchNeeded>({
    async write() {
      const isFirst = isUnknown && !mayHaveChanged;
      const answer = await videos.restore(id, isFirst ? writeFirst : sender, gate);
      isUnderWay = false;
      mayHaveChanged ||= answer.kind === 'done' || answer.kind === 'lost';
      const needsSearch = isFirst && (answer.kind === 'missing' || isTakenBack(answer, call));
      return needsSearch ? { kind: 'ended', outcome: SEARCH_NEEDED } : answer;
    },
    look: (_answer, write) => lookAfterWrite(videos, id, checker, { goal: 'live', ...write }),
    decide: decideRestore,
    mayRepeat: async () => true,
    earlierActAt,
    seen: seen && 'removed',
  }).catch((fault: unknown) => {
    onFault(fault);
    mayHaveChanged ||= isUnderWay;
    return mayHaveChanged ? failed('OUTCOME_UNKNOWN') : notAttempted('fault');
  });
  if (mayHaveChanged) recentWrites.note(id, restored.kind === 'restored' ? 'live' : undefined, 'restore');
  return restored;
}

/** The outcome of a video that is not removed; undefined for one that is, and has to be restored. */
function toOutcomeUnsent(look: Look): RestoreOutcome | undefined {
  switch (look.kind) {
    case 'live':
      return { kind: 'restored', alreadyLive: true, video: look.video };
    case 'removed':
      return undefined;
    case 'absent':
      return failed('NOT_FOUND');
    case 'unavailable':
      return toNotSent(look.cause);
  }
}
