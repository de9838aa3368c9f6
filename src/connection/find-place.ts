// Finds the place of a cursor in the items read: by its own item; if that is gone, by the items that stood next to it;
// else by comparing order values. It reports how certain the place is, and on which side to look further.
import type { Cursor } from './cursor.ts';
import { type ConnectionOrder, compareValues } from './order-values.ts';
import type { Entry, Run } from './run.ts';

export type CursorPlace =
  /** The walk continues at this boundary: forward with the entry at this index, backward with the one before it. */
  | { readonly kind: 'at'; readonly index: number }
  /** The cursor's item and its neighbours are gone, and the values between these boundaries do not decide. */
  | { readonly kind: 'between'; readonly low: number; readonly high: number }
  /** Not in the run: further left, further right, or on either side. */
  | { readonly kind: 'outside'; readonly left: boolean; readonly right: boolean };

/** The run in the direction of the walk: from the entries behind the cursor to those ahead of it. */
type View = {
  readonly entries: readonly Entry[];
  readonly marksBehind: readonly string[];
  readonly marksAhead: readonly string[];
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** Negative for an entry that is certainly behind, positive for one that is certainly ahead, else 0. */
  readonly side: (entry: Entry) => number;
};

/**
 * If nothing shows the end of the search, this many items past a neighbour of the cursor's item prove that the item is
 * gone. Otherwise as many would have been added between the two since.
 */
export const SEARCHED = 50;

/** Looks for the cursor's place in the run. `forward`: whether the walk continues after the place, not before it. */
export function findPlace(
  run: Run,
  cursor: Cursor,
  direction: ConnectionOrder['direction'],
  forward: boolean,
): CursorPlace {
  if (run.total === 0) return { kind: 'at', index: 0 };
  const isCursor = (entry: Entry) => entry.video.id === cursor.id && entry.value === cursor.value;
  if (forward) {
    return findAhead(isCursor, {
      entries: run.entries,
      marksBehind: cursor.before,
      marksAhead: cursor.after,
      atStart: run.start === 0,
      atEnd: run.atEnd,
      side: (entry) => compareValues(entry.value, cursor.value, direction),
    });
  }
  const place = findAhead(isCursor, {
    entries: run.entries.toReversed(),
    marksBehind: cursor.after,
    marksAhead: cursor.before,
    atStart: run.atEnd,
    atEnd: run.start === 0,
    side: (entry) => compareValues(cursor.value, entry.value, direction),
  });
  const { length } = run.entries;
  if (place.kind === 'at') return { kind: 'at', index: length - place.index };
  if (place.kind === 'between') {
    return { kind: 'between', low: length - place.high, high: length - place.low };
  }
  return { kind: 'outside', left: place.right, right: place.left };
}

function findAhead(isCursor: (entry: Entry) => boolean, view: View): CursorPlace {
  let behind = view.atStart ? -1 : undefined;
  let ahead = view.atEnd ? view.entries.length : undefined;
  let markedBehind = false;
  let markedAhead = false;
  for (const [index, entry] of view.entries.entries()) {
    if (isCursor(entry)) return { kind: 'at', index: index + 1 };
    // The item that followed the cursor's item still comes next, whatever became of the cursor's.
    if (entry.mark === view.marksAhead[0]) return { kind: 'at', index };
    const wasBehind = view.marksBehind.includes(entry.mark);
    const wasAhead = view.marksAhead.includes(entry.mark);
    const side = wasBehind ? -1 : wasAhead ? 1 : view.side(entry);
    if (side < 0) behind = index;
    if (side > 0) ahead = Math.min(ahead ?? index, index);
    markedBehind ||= wasBehind;
    markedAhead ||= wasAhead;
  }
  // No old item is left between the last one known to be behind and the cursor's own. The cursor's own may be further
  // ahead, unless an item from ahead of it came first, or too many others to be new ones.
  if (markedBehind && behind !== undefined && (ahead ?? view.entries.length) > behind) {
    const searched = view.entries.length - behind - 1;
    if (ahead !== undefined || searched >= SEARCHED) return { kind: 'at', index: behind + 1 };
  }
  if (behind === undefined || ahead === undefined) {
    const nowhere = behind === ahead;
    return { kind: 'outside', left: nowhere || behind === undefined, right: nowhere || ahead === undefined };
  }
  if (behind + 1 === ahead || (markedAhead && behind < ahead)) return { kind: 'at', index: ahead };
  return { kind: 'between', low: Math.min(behind + 1, ahead), high: Math.max(behind + 1, ahead) };
}
