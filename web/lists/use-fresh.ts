// Reads a list again when the user comes back to the window: somebody else may have changed it meanwhile.
import { useEffect, useRef } from 'react';

/** Each such read costs the project one of its reads. */
const READ_AGAIN_MS = 10_000;

/** @param mayRead - not while more than the first page is loaded: reading it again would lose the others. */
export function useFresh(readAgain: () => void, mayRead: boolean): void {
  const latest = useRef({ readAgain, mayRead });
  latest.current = { readAgain, mayRead };
  useEffect(() => {
    let readAt = Date.now();
    const onReturn = () => {
      const isDue = Math.abs(Date.now() - readAt) >= READ_AGAIN_MS;
      if (!isDue || !latest.current.mayRead || document.visibilityState !== 'visible') return;
      readAt = Date.now();
      latest.current.readAgain();
    };
    document.addEventListener('visibilitychange', onReturn);
    addEventListener('focus', onReturn);
    return () => {
      document.removeEventListener('visibilitychange', onReturn);
      removeEventListener('focus', onReturn);
    };
  }, []);
}
