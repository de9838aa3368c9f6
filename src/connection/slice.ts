// The part of a run that a connection shows, and what is known of the list around it.
import { type Cursor, MAX_NEIGHBOURS } from './cursor.ts';
import type { Entry } from './run.ts';

export type Slice = {
  /** The items shown, and those read around them. */
  readonly entries: readonly Entry[];
  /** Indexes of entries: the items shown go from `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly total: number;
  /** The uncertainty in this slice, for the log. */
  readonly doubt: string | undefined;
};

/**
 * Makes the cursor of an item of a slice.
 *
 * @param index - the item's index among the entries.
 * @param neighbours - whether upstream sorts the list, so that the items next to it may have to identify its place.
 */
export function toCursor({ entries, total }: Slice, index: number, neighbours: boolean): Cursor {
  const entry = entries[index];
  if (!entry) throw new RangeError(`expected one of ${entries.length} entries, and got ${index}`);
  const toMarks = (part: readonly Entry[]) => (neighbours ? part.map(({ mark }) => mark) : []);
  const before = toMarks(entries.slice(Math.max(0, index - MAX_NEIGHBOURS), index)).reverse();
  const after = toMarks(entries.slice(index + 1, index + 1 + MAX_NEIGHBOURS));
  return { position: entry.position, total, value: entry.value, id: entry.video.id, before, after };
}
