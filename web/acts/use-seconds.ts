// Counts down to a moment.
import { useEffect, useState } from 'react';

/** @param until - ms since the epoch. @returns whole seconds, rounded up; 0 from then on. */
export function useSeconds(until: number): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => {
      setNow(Date.now());
      if (Date.now() >= until) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}
