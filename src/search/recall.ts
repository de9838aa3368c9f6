// What earlier searches have left about the videos of a new one, if its caller may know that.
import type { Caller, ReadKind } from '../upstream/caller.ts';
import { askFirst } from './ask-first.ts';
import { FEW } from './list-walks.ts';
import type { SearchState } from './search-state.ts';

const PROOF_IS_OLD_MS = 60_000;

export type Recalled = {
  readonly absent: readonly string[];
  /** Something is remembered of these, and this caller may not know it. */
  readonly doubtful: readonly string[];
  /** Why not. */
  readonly error?: unknown;
};

/**
 * Recalls what is remembered.
 *
 * A proof that came too early would hold for a day. So where a few of them are old, their ids are left to one more round.
 */
export async function recall(
  { videos, absences, misses }: SearchState,
  ids: readonly string[],
  kind: ReadKind,
  caller: Caller,
): Promise<Recalled> {
  const known = ids.filter((id) => absences.has(id) || misses.has(id));
  if (known.length === 0) return { absent: [], doubtful: [] };
  try {
    await askFirst(videos, kind, caller);
  } catch (error) {
    return { absent: [], doubtful: known, error };
  }
  const absent = known.filter((id) => absences.has(id));
  const old = absent.filter((id) => performance.now() - (absences.provedAt(id) ?? 0) > PROOF_IS_OLD_MS);
  if (old.length === 0 || old.length > FEW) return { absent, doubtful: [] };
  for (const id of old) misses.note(id, 0);
  return { absent: absent.filter((id) => !old.includes(id)), doubtful: [] };
}
