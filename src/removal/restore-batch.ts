// Restores each removed video of a batch independently and reports its outcome. `decision-table.ts` interprets the
// evidence.

import type { Look } from '../search/look.ts';
import type { Caller } from '../upstream/caller.ts';
import { forEachOf, MOST_IN_PROGRESS } from '../upstream/for-each-of.ts';
import type { Video } from '../upstream/shapes.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { isSearchNeeded, runBatch, SEARCH_NEEDED, type SearchNeeded } from './batch.ts';
import { type BeforeSend, createHookGate } from './before-send.ts';
import { type CallerOptions, type Callers, createCallers, isTakenBack } from './create-callers.ts';
import { decideRestore } from './decision-table.ts';
import { lookAfterWrite } from './look-after-write.ts';
import { isFresh, isOutdated } from './look-before.ts';
import { toNotSent, toWaitOver } from './not-sent.ts';
import { noteOutcome } from './note-outcome.ts';
import { type Failed, failed, notAttempted, type RestoreOutcome, UNDECIDED } from './outcomes.ts';
import { pursue } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';

export type RestoreOptions = CallerOptions & {
  readonly beforeSend?: BeforeSend | undefined;
  /** Called for each video before it is restored, with a look at it; an outcome leaves it alone. */
  readonly mayRestore?: ((id: string, video: Video) => Failed | undefined) | undefined;
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
    noteOutcome(project, id, outcome, options);
    options.onOutcome?.(id, outcome);
  };
  const sendable = ids.filter((id) => {
    if (options.earlierSends?.has(id)) return false;
    const isId = isVideoId(id);
    const failure = isId ? (project.mayWrite() ? undefined : notAttempted('log')) : failed('INVALID_ID');
    if (failure) settle(id, failure);
    return failure === undefined;
  });
  const { beforeSend, mayRestore, earlierSends } = options;
  const callers = createCallers(project, options);
  const call: RestoreCall = { ...callers, beforeSend, mayRestore, earlierSends, begunAt: performance.now() };
  const resume = forEachOf([...(earlierSends?.keys() ?? [])], MOST_IN_PROGRESS, async (id) => {
    const outcome = await project.locks.run(id, callers.sender, () =>
      restoreOne(project, id, call, undefined),
    );
    settle(id, outcome && !isSearchNeeded(outcome) ? outcome : UNDECIDED);
  });
  await runBatch<RestoreOutcome>(project, sendable, {
    goal: 'removed',
    looksFirst: mayRestore !== undefined,
    callers,
    act: async (id, look) => {
      const outcome = project.locks.run(id, callers.sender, () => restoreOne(project, id, call, look));
      return (await outcome) ?? toWaitOver(callers.sender, 'otherCall');
    },
    onOutcome: settle,
  });
  await resume;
  return outcomes;
}

type RestoreCall = Callers &
  Pick<RestoreOptions, 'beforeSend' | 'mayRestore' | 'earlierSends'> & { readonly begunAt: number };

/** The caller holds the lock of the video. As for `deleteOne`. */
async function restoreOne(
  project: RemovalProject,
  id: string,
  call: RestoreCall,
  look: Look | undefined,
): Promise<RestoreOutcome | SearchNeeded> {
  const { videos, recentWrites, onFault } = project;
  const { sender, writeFirst, looker, checker, beforeSend, mayRestore, begunAt } = call;
  const earlierSend = call.earlierSends?.get(id);
  const ahead = look && !isOutdated(look, id, begunAt, project) ? look : undefined;
  const isAsked = mayRestore !== undefined && !earlierSend;
  const seen = ahead ?? (isAsked ? await lookFirst(project, id, looker) : undefined);
  const refused = seen?.kind === 'removed' ? mayRestore?.(id, seen.video) : undefined;
  const unsent = refused ?? (seen && toOutcomeUnsent(seen));
  if (unsent) return unsent;
  const earlierActAt = recentWrites.since(id, performance.now() - videos.lagMs)?.at;
  const isUnknown = look === undefined && earlierActAt === undefined;
  let mayHaveChanged = earlierSend !== undefined;
  let isUnderWay = false;
  const isSeen = seen !== undefined || earlierSend?.isSeen === true;
  /** Why it must not be restored again, as the look after a write shows. */
  let changed: Failed | undefined;
  const gate = createHookGate(
    id,
    beforeSend,
    (isSent) => {
      isUnderWay = isSent;
    },
    () => earlierSend?.isSeen === true || isFresh(seen?.kind === 'removed' ? seen.begunAt : undefined),
  );
  const restored = await pursue<RestoreOutcome | SearchNeeded>({
    async write() {
      if (changed) return { kind: 'ended', outcome: changed };
      const isFirst = isUnknown && !mayHaveChanged;
      const answer = await videos.restore(id, isFirst ? writeFirst : sender, gate);
      isUnderWay = false;
      mayHaveChanged ||= answer.kind === 'done' || answer.kind === 'lost';
      const needsSearch = isFirst && (answer.kind === 'missing' || isTakenBack(answer, call));
      return needsSearch ? { kind: 'ended', outcome: SEARCH_NEEDED } : answer;
    },
    async look(_answer, write) {
      const shown = await lookAfterWrite(videos, id, checker, { goal: 'live', ...write });
      changed = shown.kind === 'removed' ? mayRestore?.(id, shown.video) : undefined;
      return shown;
    },
    decide: decideRestore,
    mayRepeat: async () => call.maySendAgain(),
    earlierActAt,
    seen: isSeen ? 'removed' : undefined,
    earlierSend,
    upstreamNow: () => videos.now().upstreamSentAt,
  }).catch((fault: unknown) => {
    onFault(fault);
    mayHaveChanged ||= isUnderWay;
    return mayHaveChanged ? failed('OUTCOME_UNKNOWN') : notAttempted('fault');
  });
  if (mayHaveChanged) recentWrites.note(id, restored.kind === 'restored' ? 'live' : undefined, 'restore');
  return changed && restored.kind === 'failed' ? changed : restored;
}

/** For a look of the batch that an act of ours has outdated. */
function lookFirst({ videos, recentWrites }: RemovalProject, id: string, caller: Caller): Promise<Look> {
  const latest = recentWrites.latest(id);
  return lookAfterWrite(videos, id, caller, {
    goal: latest?.state ?? 'removed',
    answer: latest?.state ? 'done' : 'lost',
    sent: undefined,
    endedAt: latest?.at ?? Number.NEGATIVE_INFINITY,
  });
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
