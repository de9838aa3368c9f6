// What a connection shows: a part of a run, and what is known of the list around it.

import type { Video } from '../upstream/shapes.ts';
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

/** @param neighbours - whether upstream keeps the order, so that an item may have to be found by those next to it. */
export function toItems(slice: Slice, neighbours: boolean): { node: Video; cursor: Cursor }[] {
  const { entries, from, to, total } = slice;
  const toMarks = (part: readonly Entry[]) => (neighbours ? part.map(({ mark }) => mark) : []);
  return entries.slice(from, to).map(({ video, position, value }, offset) => {
    const index = from + offset;
    const before = toMarks(entries.slice(Math.max(0, index - MAX_NEIGHBOURS), index)).reverse();
    const after = toMarks(entries.slice(index + 1, index + 1 + MAX_NEIGHBOURS));
    return { node: video, cursor: { position, total, value, id: video.id, before, after } };
  });
}
