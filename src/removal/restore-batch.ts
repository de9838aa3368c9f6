// Restores each removed video of a batch independently and reports its outcome. `decision-table.ts` interprets the
// evidence.

import type { Caller } from '../upstream/caller.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { type CallerOptions, createCallers } from './create-callers.ts';
import { decideRestore } from './decision-table.ts';
import { lookAfterWrite } from './look.ts';
import { failed, type RestoreOutcome } from './outcomes.ts';
import { pursue } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';

export type RestoreOptions = CallerOptions & {
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
  const { sender, checker } = createCallers(project, options, false);
  const outcomes = new Map<string, RestoreOutcome>();
  await Promise.all(
    ids.map(async (id) => {
      const outcome = isVideoId(id) ? await restore(project, id, sender, checker) : failed('INVALID_ID');
      outcomes.set(id, outcome);
      options.onOutcome?.(id, outcome);
    }),
  );
  return outcomes;
}

async function restore(
  project: RemovalProject,
  id: string,
  sender: Caller,
  checker: Caller,
): Promise<RestoreOutcome> {
  const { videos } = project;
  const outcome = await project.locks.run(id, sender, async () => {
    let isSent = false;
    const restored = await pursue<RestoreOutcome>({
      write: async () => {
        const answer = await videos.restore(id, sender);
        isSent ||= answer.kind !== 'unprepared';
        return answer;
      },
      look: (_answer, write) => lookAfterWrite(videos, id, checker, { goal: 'live', ...write }),
      decide: decideRestore,
      mayRepeat: async () => true,
      isFresh: project.recentWrites.latest(id) !== undefined,
      seen: undefined,
    });
    if (isSent) project.recentWrites.note(id, restored.kind === 'restored' ? 'live' : undefined);
    return restored;
  });
  return outcome ?? failed('NOT_ATTEMPTED');
}
