// The durable operations as the app sees them. What follows them is loaded when the browser has nothing else to do.
import { useApolloClient } from '@apollo/client/react';
import type { OperationDetailsFragment } from 'apivideo-graphql-client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { loadTracker, whenIdle } from '../lazy-parts.ts';
import type { Operations, OperationsState } from './shown.ts';
import type { OperationTracker } from './tracker.ts';

const NONE: OperationsState = { list: [], busy: { delete: new Set(), restore: new Set() } };

/** @param isReady - whether the caller is known, so that the gateway can be asked for what goes on. */
export function useOperations(isReady: boolean): Operations {
  const client = useApolloClient();
  const [state, setState] = useState(NONE);
  const loading = useRef<Promise<OperationTracker>>(undefined);
  const load = useCallback(async () => {
    loading.current ??= loadTracker().then((Tracker) => {
      const tracker = new Tracker(client, setState);
      tracker.start();
      return tracker;
    });
    try {
      return await loading.current;
    } catch {
      // Wanted again, it is loaded again.
      loading.current = undefined;
      return undefined;
    }
  }, [client]);

  useEffect(() => {
    if (isReady) whenIdle(() => void load());
  }, [isReady, load]);

  const calls = useMemo(
    () => ({
      add: (operation: OperationDetailsFragment, ids: readonly string[]) =>
        void load().then((tracker) => tracker?.add(operation, ids)),
      cancel: (id: string) => void load().then((tracker) => tracker?.cancel(id)),
      undo: (id: string) => void load().then((tracker) => tracker?.undo(id)),
      dismiss: (id: string) => void load().then((tracker) => tracker?.dismiss(id)),
    }),
    [load],
  );
  return { ...state, ...calls };
}
