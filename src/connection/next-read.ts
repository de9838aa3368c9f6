// Decides what to read for a connection: first where the cursor points; then, while its place is not found or items are
// missing, the least that may repair that. Pure: it reads nothing itself.
import type { Cursor } from './cursor.ts';
import { type CursorPlace, SEARCHED } from './find-place.ts';
import { type ItemRange, LARGEST_PAGE } from './plan-pages.ts';
import { type Growth, type Run, toItemRange } from './run.ts';

export type Span = {
  readonly forward: boolean;
  readonly count: number;
  /** Without a cursor, the walk begins at the list's start, or backward at its end. */
  readonly cursor: Cursor | undefined;
};

export type NextRead =
  | { readonly kind: 'afresh'; readonly windows: readonly ItemRange[] }
  | { readonly kind: 'further'; readonly growth: Growth };

/** Maximum number of reads after the first one. */
const MAX_REPAIRS = 5;
/** How many of them may search both sides without any trace of the cursor's item or its neighbours. */
const MAX_BLIND_REPAIRS = 2;
/** How far the first repair looks beside the items read; each later one looks twice as far, up to one page. */
const REACH = SEARCHED;
/** By how many items a repair overlaps the items read if that costs no request: the list may be moving right now. */
const OVERLAP = 10;

/**
 * The windows to choose from for the first read, the best one first. They hold the cursor's item or, if the cursor
 * knows it, the item next to it: either proves that nothing shifted. They hold one item more than is shown, so that the
 * last cursor knows its neighbour as well.
 */
export function toFirstRanges(span: Span): ItemRange[] {
  const { forward, count, cursor } = span;
  if (!cursor) return forward ? [from(0, count + 1), from(0, count)] : [from(0, LARGEST_PAGE)];
  const { position, total } = cursor;
  if (forward) {
    const end = position + 1 + count;
    const starts = cursor.after.length > 0 ? [position, position + 1] : [position];
    return starts.flatMap((start) => [toItemRange(start, end + 1, total), toItemRange(start, end, total)]);
  }
  const start = position - count;
  const ends = cursor.before.length > 0 ? [position + 1, position] : [position + 1];
  return ends.flatMap((end) => [toItemRange(start - 1, end, total), toItemRange(start, end, total)]);
}

/** @returns undefined if the place is found and the items are there, or nothing more is worth reading. */
export function toNextRead(run: Run, place: CursorPlace, span: Span, repairs: number): NextRead | undefined {
  if (repairs >= MAX_REPAIRS || run.total === 0) return undefined;
  // The list has shrunk: everything read lay beyond its end.
  if (run.start >= run.total) return toReadAfresh(run, span);
  if (place.kind !== 'outside') return toRest(run, place, span, repairs);
  if (!span.cursor) {
    // The list's end is not read yet: the wanted items may begin before, within or after the run.
    if (run.total - span.count - 1 > run.end) return toReadAfresh(run, span);
    return toGrowth(run, 0, run.total - run.end, repairs);
  }
  const shift = span.cursor.total - run.total;
  const blind = place.left && place.right;
  if (blind && repairs >= MAX_BLIND_REPAIRS) return toRest(run, place, span, repairs);
  const fits = shift > 0 ? place.left : place.right;
  if (repairs === 0 && fits && Math.abs(shift) > REACH) return toReadAfresh(run, span);
  // At first the list's length shows the likelier side.
  const left = place.left && !(blind && repairs === 0 && shift < 0);
  const right = place.right && !(blind && repairs === 0 && shift > 0);
  const reach = Math.min(LARGEST_PAGE - OVERLAP, REACH * 2 ** repairs);
  return toGrowth(run, left ? reach : 0, right ? reach : 0, repairs);
}

/**
 * The boundary to continue from. If nothing found decides, it assumes that all items the list lost stood behind the
 * cursor: then the walk skips nothing unless items were added meanwhile.
 */
export function toBoundary(run: Run, place: CursorPlace, span: Span): number {
  if (place.kind === 'at') return place.index;
  const { length } = run.entries;
  const { low, high } = place.kind === 'between' ? place : { low: 0, high: length };
  if (!span.cursor) return span.forward ? low : high;
  // The cursor's own item is among the lost ones.
  const lost = span.cursor.total - run.total - 1;
  const position = span.cursor.position - (span.forward ? Math.max(0, lost) : Math.min(0, lost));
  const index = run.entries.findIndex((entry) => entry.position >= position);
  return Math.min(high, Math.max(low, index === -1 ? length : index));
}

function toRest(run: Run, place: CursorPlace, span: Span, repairs: number): NextRead | undefined {
  const boundary = toBoundary(run, place, span);
  const missing = span.count - (span.forward ? run.entries.length - boundary : boundary);
  if (missing <= 0) return undefined;
  return span.forward ? toGrowth(run, 0, missing + 1, repairs) : toGrowth(run, missing + 1, 0, repairs);
}

function toGrowth(run: Run, left: number, right: number, repairs: number): NextRead | undefined {
  const growth = {
    left: run.start > 0 ? left : 0,
    right: run.atEnd ? 0 : right,
    overlap: OVERLAP * 2 ** repairs,
  };
  return growth.left + growth.right > 0 ? { kind: 'further', growth } : undefined;
}

/** Reads where the item would be if all items that the list lost or gained since stood before it. */
function toReadAfresh(run: Run, span: Span): NextRead {
  const { forward, count, cursor } = span;
  const { total } = run;
  if (!cursor) {
    const windows = [toItemRange(total - count - 1, total, total), toItemRange(total - count, total, total)];
    return { kind: 'afresh', windows };
  }
  const position = Math.max(0, Math.min(cursor.position - (cursor.total - total), total - 1));
  const windows = [OVERLAP, 0].map((slack) =>
    forward
      ? toItemRange(position - slack, position + count + 1, total)
      : toItemRange(position - count, position + 1 + slack, total),
  );
  return { kind: 'afresh', windows };
}

function from(start: number, length: number): ItemRange {
  return { from: start, to: start + length };
}
