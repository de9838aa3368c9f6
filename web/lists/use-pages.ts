// Reads a list page by page, as it is scrolled to.
import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isVague } from '../address.ts';
import type { VideoFilter, VideoPageFragment } from '../generated/documents.ts';
import { explain } from '../session/faults.ts';
import { lists as words } from '../words.ts';
import { type ListKind, type Row, toOrder } from './list-kind.ts';
import { useFresh } from './use-fresh.ts';

/** As many rows as the documents ask for. */
const FIRST_PAGE = 100;

export type Pages = {
  /** The filter and the order of the rows. */
  readonly name: string | undefined;
  /** Undefined until the first page has come. */
  readonly rows: readonly Row[] | undefined;
  /** How many there are on all pages. */
  readonly total: number;
  readonly hasMore: boolean;
  /** Whether rows of an earlier filter or order are shown until the new ones have come. */
  readonly isOutdated: boolean;
  /** Whether these are rows of another filter or order: what is ticked among them may not be meant. */
  readonly isOtherList: boolean;
  /** Why the list could not be read; undefined if it could. */
  readonly fault: string | undefined;
  readonly retry: () => void;
  readonly more: {
    readonly isLoading: boolean;
    readonly fault: string | undefined;
    /** Reads the next page, unless one is on its way or has failed. */
    readonly load: () => void;
    readonly retry: () => void;
  };
};

type More = { readonly list: string; readonly state: 'loading' | { readonly fault: string } };
type Shown = { readonly list: string; readonly page: VideoPageFragment };

/** @param sort - the name of an order; the list's own if it has none of that name. */
export function usePages<Order>(kind: ListKind<Order>, filter: VideoFilter | null, sort: string): Pages {
  const { orderBy } = toOrder(kind, sort);
  const { data, error, loading, networkStatus, fetchMore, refetch } = useQuery(kind.document, {
    variables: { filter, orderBy },
    // Whoever comes back sees at once what was there, and soon what is there now.
    fetchPolicy: 'cache-and-network',
    nextFetchPolicy: 'cache-first',
  });
  const list = JSON.stringify([filter, orderBy]);
  const last = useRef<Shown>(undefined);
  if (data?.list) last.current = { list, page: data.list };
  // Rows of another filter stay until the new ones have come, but not if those could not be read.
  const page = loading || last.current?.list === list ? last.current?.page : undefined;
  const isOutdated = loading && page !== undefined && !data;
  const isOtherList = page !== undefined && last.current?.list !== list;
  const { rows, gone } = useMemo(() => toRows(page, kind), [page, kind]);
  const hasMore = page?.pageInfo.hasNextPage ?? false;

  // State of one list must not show at another, so it carries the list's name.
  const [state, setState] = useState<More>();
  const more = state?.list === list ? state.state : undefined;
  const going = useRef<string>(undefined);
  const after = page?.pageInfo.endCursor;
  const readMore = useCallback(async () => {
    if (going.current === list) return;
    going.current = list;
    setState({ list, state: 'loading' });
    const end = (next: More | undefined) => setState((now) => (now?.list === list ? next : now));
    try {
      const { data: next } = await fetchMore({ variables: { after } });
      // Reading on from the same place, or to ever more pages without rows, would never end.
      const isStuck =
        next?.list?.pageInfo.hasNextPage &&
        (next.list.pageInfo.endCursor === after || next.list.edges.length === 0);
      end(isStuck ? { list, state: { fault: words.stuck } } : undefined);
    } catch (fault) {
      end({ list, state: { fault: explain(fault) } });
    } finally {
      if (going.current === list) going.current = undefined;
    }
  }, [fetchMore, after, list]);

  const retry = useCallback(() => void refetch().catch(() => {}), [refetch]);
  // While the first page is read again, a further one would be read twice: the first takes the place of all pages.
  const isReading = loading && networkStatus !== NetworkStatus.fetchMore;
  const wanted = useRef<string>(undefined);
  useEffect(() => {
    if (isReading) return;
    if (wanted.current === list && hasMore) void readMore();
    wanted.current = undefined;
  }, [isReading, list, hasMore, readMore]);

  useFresh(retry, page !== undefined && page.edges.length <= FIRST_PAGE && !loading);

  return {
    name: page && last.current?.list,
    rows,
    total: page ? page.totalCount - gone : 0,
    hasMore,
    isOutdated,
    isOtherList,
    fault: error && !loading ? (isVague(filter) ? words.vague : explain(error)) : undefined,
    retry,
    more: {
      isLoading: more === 'loading',
      fault: typeof more === 'object' ? more.fault : undefined,
      load() {
        if (!hasMore || more !== undefined) return;
        if (isReading) wanted.current = list;
        else void readMore();
      },
      retry: () => void readMore(),
    },
  };
}

/** Each video once, and without those that have left the list: how many, the total has yet to learn. */
function toRows<Order>(page: VideoPageFragment | undefined, { holds }: ListKind<Order>) {
  if (!page) return { rows: undefined, gone: 0 };
  const rows = new Map<string, Row>();
  let gone = 0;
  for (const { node } of page.edges) {
    if (holds(node)) rows.set(node.id, node);
    else gone++;
  }
  return { rows: [...rows.values()], gone };
}
