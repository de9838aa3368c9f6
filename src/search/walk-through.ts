// Looks for the videos of one search in a whole list.
import type { Caller, ReadKind } from '../upstream/caller.ts';
import type { Place } from '../upstream/dialects.ts';
import type { Video } from '../upstream/shapes.ts';
import type { ListWalks } from './list-walks.ts';

/** So many videos are looked up one by one where a list leaves a doubt, or does not come. */
export const SOME = 50;

/**
 * Walks through a list, if that takes fewer reads than looking up these videos.
 *
 * @param missed - the ids of the videos. It takes out those that the list shows, and those that need a read of their own.
 * @param options - `since`: only a walk that began no earlier counts.
 *   `onFound`: called with each video that a page shows. `begunAt`: when its read began.
 * @returns whether the whole list was read, so that it does not show those that are left.
 * @throws the errors of `ListWalk.follow`.
 */
export async function walkThrough(
  walks: ListWalks,
  place: Place,
  missed: Set<string>,
  options: {
    readonly since: number;
    readonly kind: ReadKind;
    readonly caller: Caller;
    readonly onFound: (video: Video, begunAt: number) => void;
  },
): Promise<boolean> {
  const { since, kind, caller, onFound } = options;
  const ids = [...missed];
  const walkSince = walks.plan(place, ids, since);
  if (walkSince === undefined) return false;
  const positions = new Map(ids.map((id, index) => [id, index]));
  const byPosition = (a: Video, b: Video) => (positions.get(a.id) ?? 0) - (positions.get(b.id) ?? 0);
  const walk = await walks.join(place, walkSince, kind, caller);
  // The pages that others have read before are not kept: what they showed is looked up.
  for (const id of ids) if (walk.has(id)) missed.delete(id);
  await walk.follow({
    limits: caller,
    readPage: walks.reader(place, walk, kind, caller),
    isLast: kind === 'prove',
    onPage({ videos }, begunAt) {
      // In the order of the call, as far as one page allows.
      const found = videos.filter(({ id }) => missed.delete(id)).sort(byPosition);
      for (const video of found) onFound(video, begunAt);
    },
    isWorthwhile: (pagesLeft, isStalled) => pagesLeft < missed.size && !(isStalled && missed.size <= SOME),
  });
  return walk.isComplete;
}
