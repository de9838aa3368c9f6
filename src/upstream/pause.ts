import type { WaitLimits } from './caller.ts';
import { MAX_TIMER_MS } from './governor-clock.ts';

/** Waits. @returns false at once if the caller's deadline comes first, and as soon as the caller disconnects. */
export async function pause(ms: number, { deadline, signal }: WaitLimits): Promise<boolean> {
  if (performance.now() + ms > deadline || signal?.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const leave = () => resolve(false);
  // Timers of Node.js may be a fraction of a millisecond early; what begins after a pause must not be.
  const timerMs = ms > 0 ? Math.ceil(ms) + 1 : 0;
  const timer = setTimeout(() => resolve(true), Math.min(MAX_TIMER_MS, timerMs));
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}
