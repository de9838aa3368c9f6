// What a connection shows: a part of a run, and what is known of the list around it.
import { type Cursor, MAX_NEIGHBOURS } from './cursor.ts';
import type { Entry } from './run.ts';

export type Slice = {
  /** What is shown, and what was read around it. */
  readonly entries: readonly Entry[];
  /** Indexes of entries: what is shown goes from `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly total: number;
  /** What could not be made certain, for the log. */
  readonly doubt: string | undefined;
};

/**
 * Where an item of a slice stands.
 *
 * @param index - where it is among the entries.
 * @param neighbours - whether upstream keeps the order, so that an item may have to be found by those next to it.
 */
export function toCursor({ entries, total }: Slice, index: number, neighbours: boolean): Cursor {
  const entry = entries[index];
  if (!entry) throw new RangeError(`expected one of ${entries.length} entries, and got ${index}`);
  const toMarks = (part: readonly Entry[]) => (neighbours ? part.map(({ mark }) => mark) : []);
  const before = toMarks(entries.slice(Math.max(0, index - MAX_NEIGHBOURS), index)).reverse();
  const after = toMarks(entries.slice(index + 1, index + 1 + MAX_NEIGHBOURS));
  return { position: entry.position, total, value: entry.value, id: entry.video.id, before, after };
}
