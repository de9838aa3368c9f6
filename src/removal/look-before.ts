// Looks at many videos before a batch writes to them, in the fewest reads.

import type { Caller } from '../upstream/caller.ts';
import { type Found, findMany } from '../upstream/find-many.ts';
import { EVERY_PLACE, type Look, lookAfterWrite } from './look.ts';
import type { RemovalProject } from './removal-project.ts';

/**
 * @param holdsLocks - whether the caller already holds the locks of these ids.
 * @returns a look for every id.
 */
export async function lookBefore(
  { videos, recentWrites, locks }: RemovalProject,
  ids: readonly string[],
  caller: Caller,
  holdsLocks: boolean,
): Promise<Map<string, Look>> {
  const begunAt = performance.now();
  const looks = new Map<string, Look>();
  const others: string[] = [];
  const settled: Promise<void>[] = [];
  for (const id of ids) {
    const latest = recentWrites.latest(id);
    if (!latest?.state) others.push(id);
    else {
      const write = { goal: latest.state, answer: 'done', sent: undefined, endedAt: latest.at } as const;
      settled.push(lookAfterWrite(videos, id, caller, write).then((look) => void looks.set(id, look)));
    }
  }
  const [found] = await Promise.all([findMany(videos, others, EVERY_PLACE, 'check', caller), ...settled]);
  for (const [id, each] of found) looks.set(id, toLook(each));
  await Promise.all(
    [...looks].map(async ([id, { kind }]) => {
      // Another call may have moved the video during the look: only a look after that call is evidence.
      const isHeld = !holdsLocks && locks.isHeld(id);
      if (kind !== 'absent' || !(isHeld || recentWrites.isSince(id, begunAt - videos.lagMs))) return;
      const write = { goal: 'live', answer: 'lost', sent: undefined, endedAt: performance.now() } as const;
      const again = () => lookAfterWrite(videos, id, caller, write);
      const seen = holdsLocks ? await again() : await locks.run(id, caller, again);
      looks.set(id, seen ?? { kind: 'unavailable', cause: undefined });
    }),
  );
  return looks;
}

function toLook(found: Found): Look {
  if (found instanceof Error) return { kind: 'unavailable', cause: found };
  if (!found) return { kind: 'absent' };
  return { kind: found.removed ? 'removed' : 'live', video: found };
}
