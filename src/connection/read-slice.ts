// Reads part of a list in an order that upstream supports, while the list may change. A cursor means "after this item",
// not "after this many": every read must show the cursor's item or a neighbour of it. Otherwise the search goes on:
// first beside the items read, then where the change of the list's length points.
import { ConnectionArgumentError } from './connection-argument-error.ts';
import { type CursorPlace, findPlace } from './find-place.ts';
import { type Span, toBoundary, toFirstRanges, toNextRead } from './next-read.ts';
import { extendRun, type Run, readRun, type Source } from './run.ts';
import type { Slice } from './slice.ts';

/**
 * Sends one request for most spans. The others need as many as they have pages of 100, concurrently, and one or two
 * more for each of at most five repairs.
 *
 * @throws {ConnectionArgumentError} if the list has moved too far since the cursor for its place to be found.
 */
export async function readSlice(source: Source, span: Span): Promise<Slice> {
  const anchored = span.forward ? 'start' : 'end';
  const side = span.cursor || span.forward ? anchored : 'start';
  let run = await readRun(source, toFirstRanges(span), side, false);
  for (let repairs = 0; ; repairs += 1) {
    const place = locate(run, span, source);
    const next = toNextRead(run, place, span, repairs);
    if (!next) return toSlice(run, place, span);
    // Each read depends on the result of the one before.
    run =
      next.kind === 'afresh'
        ? await readRun(source, next.windows, anchored, true)
        : await extendRun(source, run, next.growth, place.kind === 'outside' && place.left !== place.right);
  }
}

function locate(run: Run, span: Span, source: Source): CursorPlace {
  if (span.cursor) return findPlace(run, span.cursor, source.order.direction, span.forward);
  if (span.forward) return { kind: 'at', index: 0 };
  return run.atEnd
    ? { kind: 'at', index: run.entries.length }
    : { kind: 'outside', left: false, right: true };
}

function toSlice(run: Run, place: CursorPlace, span: Span): Slice {
  if (span.cursor && place.kind === 'outside' && place.left !== place.right) {
    const argument = span.forward ? 'after' : 'before';
    const message = `Expected ${argument} to be a cursor of the current list, and the list has moved too far since then. Omit ${argument} to start again.`;
    throw new ConnectionArgumentError(argument, message);
  }
  const boundary = toBoundary(run, place, span);
  const from = span.forward ? boundary : Math.max(0, boundary - span.count);
  const to = span.forward ? Math.min(run.entries.length, boundary + span.count) : boundary;
  return {
    entries: run.entries,
    from,
    to,
    hasPrevious: from > 0 || (run.start > 0 && run.total > 0),
    hasNext: to < run.entries.length || !run.atEnd,
    total: run.total,
    doubt:
      span.cursor && place.kind !== 'at'
        ? 'the video of a cursor and its neighbours left the list, so the gateway estimated where the page starts'
        : undefined,
  };
}
