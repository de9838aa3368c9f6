// Reads the ids of all videos that match, so that what is ticked is what is sent: a video uploaded meanwhile is not among them.
import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { VideoFilter } from '../generated/documents.ts';
import { AppFault, explain } from '../session/faults.ts';
import { faults, lists } from '../words.ts';
import type { ListKind } from './list-kind.ts';
import type { Ticks } from './use-ticks.ts';

export type Collecting = {
  /** How far it is; undefined while nothing is collected. */
  readonly progress: { readonly found: number; readonly total: number } | undefined;
  /** Whether all that match have been ticked. */
  readonly isDone: boolean;
  readonly fault: string | undefined;
  readonly start: () => void;
  readonly cancel: () => void;
};

type State = Pick<Collecting, 'progress' | 'isDone' | 'fault'>;

const IDLE: State = { progress: undefined, isDone: false, fault: undefined };

/** Ticks all ids, or nothing at all if it was cancelled or failed. @param isBusy - those are deleted or restored already */
export function useCollectedIds<Order>(
  kind: ListKind<Order>,
  filter: VideoFilter | null,
  ticks: Ticks,
  isBusy: (id: string) => boolean,
): Collecting {
  const client = useApolloClient();
  const [state, setState] = useState(IDLE);
  const run = useRef<AbortController>(undefined);
  const latest = useRef({ ticks, isBusy });
  latest.current = { ticks, isBusy };

  const cancel = useCallback(() => {
    run.current?.abort();
    run.current = undefined;
    setState(IDLE);
  }, []);
  const scope = JSON.stringify(filter);
  // Another filter ends what was begun for the last one.
  useEffect(() => cancel, [cancel, scope]);
  const hasTicks = ticks.size > 0;
  useEffect(() => {
    if (!hasTicks) cancel();
  }, [hasTicks, cancel]);

  const collect = async (signal: AbortSignal) => {
    const found = new Set<string>();
    for (let after: string | null = null; ; ) {
      const variables: { after: string | null; filter: VideoFilter | null } = { after, filter };
      const { data } = await client.query({
        query: kind.ids,
        variables,
        fetchPolicy: 'no-cache',
        context: { fetchOptions: { signal } },
      });
      signal.throwIfAborted();
      const page = data?.list;
      if (!page) throw new AppFault(faults.empty);
      for (const { id, probe } of page.nodes) if (!probe) found.add(id);
      setState({ ...IDLE, progress: { found: found.size, total: page.totalCount } });
      if (!page.pageInfo.hasNextPage) return found;
      // Reading on from the same place, or to ever more pages without rows, would never end.
      if (page.pageInfo.endCursor === after || page.nodes.length === 0) throw new AppFault(lists.stuck);
      after = page.pageInfo.endCursor;
    }
  };
  const start = async () => {
    cancel();
    const controller = new AbortController();
    run.current = controller;
    setState({ ...IDLE, progress: { found: 0, total: 0 } });
    const before = ticks;
    try {
      const found = await collect(controller.signal);
      const now = latest.current;
      // What was ticked and is not any more has been unticked by hand, or is deleted by now.
      const isUnticked = (id: string) => before.has(id) && !now.ticks.has(id);
      now.ticks.add([...found].filter((id) => !isUnticked(id) && !now.isBusy(id)));
      setState({ ...IDLE, isDone: true });
    } catch (error) {
      if (!controller.signal.aborted) setState({ ...IDLE, fault: explain(error) });
    }
  };
  return { ...state, start: () => void start(), cancel };
}
