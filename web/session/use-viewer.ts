// What the gateway allows the caller. A lost answer is asked for again: without it, the app knows neither what the caller may
// do nor which operations go on.
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useRef } from 'react';
import { ViewerDocument, type ViewerQuery } from '../generated/documents.ts';
import { useIsDeclined } from './use-session.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export type Viewer = {
  /** Undefined until the gateway has answered. What it has told last stays, if later it does not answer. */
  readonly viewer: ViewerQuery['viewer'] | undefined;
  /** Does nothing if the last answer has come. */
  readonly readAgain: () => void;
};

export function useViewer(): Viewer {
  const { data, previousData, error, refetch } = useQuery(ViewerDocument);
  // Once the user has signed in, all is read again.
  const isDeclined = useIsDeclined();
  const unread = isDeclined ? undefined : error;
  const failures = useRef(0);
  const readAgain = useCallback(() => {
    if (unread) void refetch().catch(() => {});
  }, [unread, refetch]);

  useEffect(() => {
    if (data) failures.current = 0;
  }, [data]);

  useEffect(() => {
    if (!unread) return;
    let isDue = false;
    const readIfSeen = () => {
      if (isDue && document.visibilityState === 'visible') readAgain();
    };
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures.current);
    failures.current += 1;
    // Not all pages at the same moment, after the gateway was started again.
    const timer = setTimeout(
      () => {
        isDue = true;
        readIfSeen();
      },
      pauseMs * (0.5 + Math.random() / 2),
    );
    document.addEventListener('visibilitychange', readIfSeen);
    addEventListener('online', readAgain);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', readIfSeen);
      removeEventListener('online', readAgain);
    };
  }, [unread, readAgain]);

  return { viewer: (data ?? previousData)?.viewer, readAgain };
}
