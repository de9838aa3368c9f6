// A run: consecutive items of a list, put together from pages that were read at different moments. Pages are joined
// only at an item that both show with the same order value, so that no item that stayed is missing inside a run.
import type { Room } from '../upstream/caller.ts';
import type { Video, VideoPage } from '../upstream/shapes.ts';
import { type ConnectionOrder, type OrderValue, toMark, toOrderValue } from './order-values.ts';
import { type ItemRange, type PageNumber, planOneOf } from './plan-pages.ts';

/** An item of a list and its position. Its value and mark are computed on first use: most pages are never joined. */
export class Entry {
  readonly video: Video;
  readonly position: number;
  readonly #field: ConnectionOrder['field'];
  #value: OrderValue | undefined;
  #mark: string | undefined;

  constructor(video: Video, position: number, field: ConnectionOrder['field']) {
    this.video = video;
    this.position = position;
    this.#field = field;
  }

  get value(): OrderValue {
    this.#value ??= toOrderValue(this.#field, this.video);
    return this.#value;
  }

  /** Names the item together with its order value. */
  get mark(): string {
    this.#mark ??= toMark(this.video.id, this.value);
    return this.#mark;
  }
}

export type Run = {
  readonly entries: readonly Entry[];
  /** The positions read. There may be fewer entries, because videos that contradict their list are dropped. */
  readonly start: number;
  readonly end: number;
  /** Whether the list ended within the last page when that was read. */
  readonly atEnd: boolean;
  /** The list's length, as last reported. */
  readonly total: number;
};

/** The list that a connection shows, in its order. */
export type Source = {
  readonly order: ConnectionOrder;
  /** @param afresh - set after a page that did not fit: one read before would not fit either. */
  page(page: PageNumber, afresh: boolean): Promise<VideoPage>;
  /** As in `PagesOfList`. */
  roomFor(pages: readonly PageNumber[], afresh: boolean): Promise<Room>;
};

/** How far a run should grow on each side, and by how many items the new pages should overlap it if that is free. */
export type Growth = { readonly left: number; readonly right: number; readonly overlap: number };

/**
 * Reads the window that costs the fewest requests, all of its pages concurrently. If pages do not join, the run ends
 * early: it keeps its first page if it is `anchored` at the start, else its last.
 */
export async function readRun(
  source: Source,
  windows: readonly ItemRange[],
  anchored: 'start' | 'end',
  afresh: boolean,
): Promise<Run> {
  const pages = await Promise.all(planOneOf(windows).map((page) => readPage(source, page, afresh)));
  const joined = anchored === 'start' ? joinFromStart(pages) : joinFromEnd(pages);
  return joined ?? { entries: [], start: 0, end: 0, atEnd: true, total: 0 };
}

/**
 * Reads on at one side or both, concurrently. A side that does not join stays as it was.
 *
 * @param isElsewhere - whether the wanted place is on the side that is read, and not in the run. If they do not join,
 *   the whole run may have left the list, and the new pages replace it.
 */
export async function extendRun(
  source: Source,
  run: Run,
  growth: Growth,
  isElsewhere: boolean,
): Promise<Run> {
  const { left, right, overlap } = growth;
  const start = Math.min(run.start, run.total);
  const end = Math.min(run.end, run.total);
  const leftWindows = [overlap, 1].map((shared) => toItemRange(start - left, start + shared, run.total));
  const rightWindows = [overlap, 1].map((shared) => toItemRange(end - shared, end + right, run.total));
  const [before, after] = await Promise.all([
    left > 0 ? readRun(source, leftWindows, 'end', true) : undefined,
    right > 0 ? readRun(source, rightWindows, 'start', true) : undefined,
  ]);
  const longer = (before && join(before, run)) ?? run;
  const whole = (after && join(longer, after)) ?? longer;
  if (whole === run && isElsewhere) return before ?? after ?? run;
  return { ...whole, total: (after ?? before ?? run).total };
}

/** A window within the list; never empty, because reading nothing would show nothing. */
export function toItemRange(from: number, to: number, total: number): ItemRange {
  const start = Math.max(0, Math.min(from, total - 1));
  return { from: start, to: Math.max(start + 1, Math.min(to, total)) };
}

async function readPage(source: Source, page: PageNumber, afresh: boolean): Promise<Run> {
  const { videos, total } = await source.page(page, afresh);
  const start = (page.currentPage - 1) * page.pageSize;
  const { field } = source.order;
  const entries = videos
    .slice(0, page.pageSize)
    .map((video, index) => new Entry(video, start + index, field));
  return { entries, start, end: start + page.pageSize, atEnd: start + page.pageSize >= total, total };
}

function joinFromStart(pages: readonly Run[]): Run | undefined {
  let [run] = pages;
  for (const page of pages.slice(1)) {
    const longer = run && join(run, page);
    if (!longer) break;
    run = longer;
  }
  return run;
}

function joinFromEnd(pages: readonly Run[]): Run | undefined {
  let run = pages.at(-1);
  for (const page of pages.slice(0, -1).reverse()) {
    const longer = run && join(page, run);
    if (!longer) break;
    run = longer;
  }
  return run;
}

/** Undefined if no item is on both: then it is unknown what lies between. */
function join(left: Run, right: Run): Run | undefined {
  const whole = { start: left.start, end: right.end, atEnd: right.atEnd, total: right.total };
  if (left.start >= left.total) return undefined;
  if (right.start >= right.total) return left.atEnd ? left : undefined;
  // A page whose videos were all dropped still has the position that its number gives.
  if (left.entries.length === 0 || right.entries.length === 0) {
    return { ...whole, entries: [...left.entries, ...right.entries] };
  }
  const places = new Map(right.entries.map(({ mark }, index) => [mark, index]));
  for (let last = left.entries.length - 1; last >= 0; last -= 1) {
    const joint = places.get(left.entries[last]?.mark ?? '');
    if (joint === undefined) continue;
    const kept = left.entries.slice(0, last + 1);
    // An item whose order value changed between the two moments may be on both sides of the joint.
    const seen = new Set(kept.map(({ video }) => video.id));
    const rest = right.entries.slice(joint + 1).filter(({ video }) => !seen.has(video.id));
    return { ...whole, entries: [...kept, ...rest] };
  }
  return undefined;
}
