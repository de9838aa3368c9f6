// Serves Relay's connections from upstream's numbered pages. It refuses invalid arguments before anything is sent, and
// it knows nothing of GraphQL.
//
// What a walk by cursors promises: an item that stays in the list with its order value is shown exactly once. That
// holds whatever is removed, restored or added around it, between the pages or during a read. Items prove it, never
// positions. Pages are joined at an item that they share. An answer is joined to its cursor by the cursor's own item,
// or by one of its neighbours: the cursor carries up to three on each side. If all of these are gone, instants are
// compared. Equal instants and titles cannot be compared, so the change of the list's length decides. The items that it
// lost are assumed to have stood behind the walk. If they stood ahead, items may be shown again; if others were added
// as well, items may be missing. Items added between a cursor and its neighbour after the cursor was made may not be
// shown.

import type { VideoFilter } from '../upstream/list-query.ts';
import type { ListReader } from '../upstream/list-reader.ts';
import type { Video } from '../upstream/shapes.ts';
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
  /** DELETES_AT is for the removed list: upstream cannot sort by it, so the whole list is read. */
  readonly order: ConnectionOrder;
  readonly pages: PagesOfList;
  /** Called if an answer could not be made certain; the call is answered all the same. */
  readonly warn?: ((message: string) => void) | undefined;
};

/** The source of a connection's pages. Many of its reads may be in flight. */
export type PagesOfList = Pick<ListReader, 'page' | 'roomFor'>;

/** The data that an item's cursor is written from. */
type CursorSource = {
  readonly scope: string;
  readonly slice: Slice;
  /** Whether upstream sorts the list. */
  readonly orderedUpstream: boolean;
};

// Each cursor is written when it is read: most clients want only the last one of a page. The accessors belong to
// classes, not to object literals: V8 makes a hidden class for each literal with accessors. That class would keep the
// page alive until a full garbage collection.

class Edge {
  readonly node: Video;
  readonly #index: number;
  readonly #source: CursorSource;

  /** @param index - the entry's index among those of the slice. */
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
  /** As upstream last reported during this call. */
  readonly totalCount: number;
};

/**
 * Serves one connection field.
 *
 * @throws {ConnectionArgumentError} if the arguments cannot be served; and the errors of `pages`.
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
