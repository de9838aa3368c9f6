// Relay's connections over upstream's numbered pages. It refuses what it cannot serve before anything is sent, and it
// knows nothing of GraphQL.
//
// What a walk by cursors promises: an item that stays in the list with its order value is shown exactly once, whatever
// is removed, restored or added around it between the pages or while one is read. The proof is by items, never by
// positions: pages are joined where they share an item, and an answer is joined to its cursor by the cursor's own item
// or one of up to three neighbours on each side, which the cursor carries. Where all of these are gone, instants are
// compared; equal instants and titles cannot be, and then the change of the list's length decides: what it has lost is
// taken to have stood behind the walk. Where that was ahead, items may be shown again; where others were added as well,
// items may be missing. What was added between a cursor and its neighbour since the cursor was made may not be shown.

import type { Room } from '../upstream/governor.ts';
import type { ListQuery, VideoFilter } from '../upstream/list-query.ts';
import type { Video, VideoPage } from '../upstream/shapes.ts';
import { type ConnectionArgs, readArguments } from './arguments.ts';
import { readCursor, toScope, writeCursor } from './cursor.ts';
import { type ConnectionOrder, toSort } from './order-values.ts';
import type { PageNumber } from './plan-pages.ts';
import { readOrderedHere } from './read-ordered-here.ts';
import { readSlice } from './read-slice.ts';
import type { Entry, Source } from './run.ts';
import { type Slice, toCursor } from './slice.ts';

export type ConnectionOptions = {
  readonly list: 'live' | 'removed';
  readonly args: ConnectionArgs;
  readonly filter: VideoFilter;
  /** DELETES_AT is for the removed list: upstream cannot sort by it, so all of the list is read. */
  readonly order: ConnectionOrder;
  readonly pages: PagesOfList;
  /** Told where an answer could not be made certain; such an answer is given all the same. */
  readonly warn?: ((message: string) => void) | undefined;
};

/** Where a connection's pages come from, as `ListReader` has them. */
export type PagesOfList = {
  /** One upstream call, or a page that another call has just read, unless it is to be `afresh`. Many may be in flight. */
  page(query: ListQuery, afresh: boolean): Promise<VideoPage>;
  /**
   * Asked before many calls that are of use only together, with how they will be read.
   *
   * @throws if the budget has no room for them now, and will have later.
   */
  roomFor(queries: readonly ListQuery[], afresh: boolean): Promise<Room>;
};

/** What an item's cursor is written from. */
type CursorSource = {
  readonly scope: string;
  readonly slice: Slice;
  /** Whether upstream keeps the order. */
  readonly orderedUpstream: boolean;
};

// Cursors are written when they are asked for: of a page, most clients want the last one alone. The accessors are those of
// classes, since V8 makes a hidden class of its own for every object literal that has some, and that one holds the page
// until all memory is collected.

class Edge {
  readonly node: Video;
  readonly #index: number;
  readonly #source: CursorSource;

  /** @param index - of the entry among those of the slice. */
  constructor(entry: Entry, index: number, source: CursorSource) {
    this.node = entry.video;
    this.#index = index;
    this.#source = source;
  }

  get cursor(): string {
    const { scope, slice, orderedUpstream } = this.#source;
    return writeCursor(scope, toCursor(slice, this.#index, orderedUpstream));
  }
}

class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge[];

  constructor({ hasNext, hasPrevious }: Slice, edges: readonly Edge[]) {
    this.hasNextPage = hasNext;
    this.hasPreviousPage = hasPrevious;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

export type VideoConnection = {
  readonly edges: readonly { readonly cursor: string; readonly node: Video }[];
  readonly nodes: readonly Video[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** As upstream last said during this call. */
  readonly totalCount: number;
};

/**
 * Serves one connection field.
 *
 * @throws {ConnectionArgumentError} for arguments that cannot be served; and what `pages` throws.
 */
export async function readConnection(options: ConnectionOptions): Promise<VideoConnection> {
  const { list, filter, order, pages, warn } = options;
  const call = readArguments(options.args);
  const scope = toScope(list, filter, order);
  const cursor = call.from && readCursor(call.from.cursor, call.from.argument, scope, order.field);
  const span = { forward: call.forward, count: call.count, cursor };
  const sort = toSort(order);
  const toQuery = (page: PageNumber) => ({ filter, ...sort, ...page });
  const upstreamList: Source = {
    order,
    page: (page, afresh) => pages.page(toQuery(page), afresh),
    roomFor: (numbers, afresh) => pages.roomFor(numbers.map(toQuery), afresh),
  };

  const orderedUpstream = order.field !== 'DELETES_AT';
  const slice = orderedUpstream
    ? await readSlice(upstreamList, span)
    : await readOrderedHere(upstreamList, span);
  if (slice.doubt) warn?.(slice.doubt);

  const source = { scope, slice, orderedUpstream };
  const shown = slice.entries.slice(slice.from, slice.to);
  const edges = shown.map((entry, index) => new Edge(entry, slice.from + index, source));
  return {
    edges,
    nodes: shown.map(({ video }) => video),
    pageInfo: new PageInfo(slice, edges),
    totalCount: slice.total,
  };
}
