// Restores removed videos, each on its own, and answers what became of each. What the evidence means stands in
// `decision-table.ts`.

import type { Caller } from '../upstream/caller.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { type CallerOptions, createCallers } from './create-callers.ts';
import { decideRestore } from './decision-table.ts';
import { lookAfterWrite } from './look.ts';
import { failed, type RestoreOutcome } from './outcomes.ts';
import { pursue } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';

export type RestoreOptions = CallerOptions & {
  /** Told of each video's outcome once, as soon as it is known: the batch may end long after, or be killed. */
  readonly onOutcome?: ((id: string, outcome: RestoreOutcome) => void) | undefined;
};

/**
 * Restores removed videos of a project.
 *
 * @param ids - distinct; what cannot be an id is answered INVALID_ID and never sent.
 * @returns an outcome for every id. It does not reject, whatever upstream does.
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
    const restored = await pursue<RestoreOutcome>({
      write: () => videos.restore(id, sender),
      look: (_answer, write) => lookAfterWrite(videos, id, checker, { goal: 'live', ...write }),
      decide: decideRestore,
      mayRepeat: async () => true,
      isFresh: project.recentWrites.latest(id) !== undefined,
      seen: undefined,
    });
    project.recentWrites.note(id, restored.kind === 'restored' ? 'live' : undefined);
    return restored;
  });
  return outcome ?? failed('NOT_ATTEMPTED');
}
