// Reads part of a list in an order that upstream does not support, DELETES_AT: reads the whole list and sorts it here.
// It keeps the ids of all videos, but only those videos that may still be shown.
import type { VideoPage } from '../upstream/shapes.ts';
import { ConnectionArgumentError } from './connection-argument-error.ts';
import type { Cursor } from './cursor.ts';
import type { Span } from './next-read.ts';
import { compareValues, type OrderValue } from './order-values.ts';
import { Entry, type Source } from './run.ts';
import type { Slice } from './slice.ts';

const PAGE_SIZE = 100;
/** A whole minute of upstream's reads in production; more would only keep everybody else from reading. */
const MAX_ITEMS = 50_000;

type Reading = { readonly slice: Slice; readonly whole: boolean };

/**
 * Reads the list once, and once more if it changed meanwhile.
 *
 * @throws {ConnectionArgumentError} if the list is too long to be ordered here.
 */
export async function readOrderedHere(source: Source, span: Span): Promise<Slice> {
  const reading = await readWhole(source, span, false);
  if (reading.whole) return reading.slice;
  const again = await readWhole(source, span, true);
  return again.whole
    ? again.slice
    : { ...again.slice, doubt: 'the list changed during both reads, so the page may miss videos' };
}

async function readWhole(source: Source, span: Span, afresh: boolean): Promise<Reading> {
  const selection = new Selection(source, span);
  const first = await source.page({ currentPage: 1, pageSize: PAGE_SIZE }, afresh);
  const { total } = first;
  if (total > MAX_ITEMS) throw tooLong(total, MAX_ITEMS);
  const pages = Array.from({ length: Math.max(0, Math.ceil(total / PAGE_SIZE) - 1) }, (_, index) => ({
    currentPage: index + 2,
    pageSize: PAGE_SIZE,
  }));
  const room = await source.roomFor(pages, afresh);
  if (!room.isEnough) throw tooLong(total, room.mostReads * PAGE_SIZE);
  selection.add(first);
  let steady = true;
  await Promise.all(
    pages.map(async (number) => {
      const page = await source.page(number, afresh);
      selection.add(page);
      steady &&= page.total === total;
    }),
  );
  return { slice: selection.toSlice(), whole: steady && selection.size >= total };
}

function tooLong(total: number, most: number): ConnectionArgumentError {
  const message = `Expected at most ${most} videos to order by DELETES_AT, and there are ${total}. Narrow the filter, or order by another field.`;
  return new ConnectionArgumentError('orderBy', message);
}

/** The best `count` videos next to the cursor, while pages arrive in any order; of the others, only ids and a count. */
class Selection {
  readonly #source: Source;
  readonly #span: Span;
  readonly #ids = new Set<string>();
  #unreadable = 0;
  #behind = 0;
  #best: Entry[] = [];

  constructor(source: Source, span: Span) {
    this.#source = source;
    this.#span = span;
  }

  /** How many different items were read, with those that are left out because they cannot be read. */
  get size(): number {
    return this.#ids.size + this.#unreadable;
  }

  add(page: VideoPage): void {
    const { forward, count, cursor } = this.#span;
    const { field, direction } = this.#source.order;
    const ahead = forward ? 1 : -1;
    this.#unreadable += page.unreadable ?? 0;
    for (const video of page.videos) {
      // An item that moved while the pages were read appears twice.
      if (this.#ids.has(video.id)) continue;
      this.#ids.add(video.id);
      const entry = new Entry(video, 0, field);
      if (cursor && compareItems(toItem(entry), cursor, direction) * ahead <= 0) this.#behind += 1;
      else this.#best.push(entry);
    }
    this.#best.sort((a, b) => compareItems(toItem(a), toItem(b), direction) * ahead);
    this.#best.length = Math.min(this.#best.length, count);
  }

  toSlice(): Slice {
    const { forward } = this.#span;
    const total = this.#ids.size;
    const shown = forward ? this.#best : this.#best.toReversed();
    const start = forward ? this.#behind : total - this.#behind - shown.length;
    return {
      entries: shown.map(({ video }, index) => new Entry(video, start + index, this.#source.order.field)),
      from: 0,
      to: shown.length,
      hasPrevious: start > 0,
      hasNext: start + shown.length < total,
      total,
      doubt: undefined,
    };
  }
}

type Item = Pick<Cursor, 'id' | 'value'>;

function toItem({ video, value }: Entry): Item {
  return { id: video.id, value };
}

/** By value, missing values last; then by id, so that no two are equal. */
function compareItems(a: Item, b: Item, direction: 'ASC' | 'DESC'): number {
  const missing = rank(a.value) - rank(b.value);
  return missing || compareValues(a.value, b.value, direction) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function rank(value: OrderValue): number {
  return value === null ? 1 : 0;
}
