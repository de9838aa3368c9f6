import { MAX_TIMER_MS } from './governor-clock.ts';

/** How long after its deadline a call may still wait for a free slot or a token, in milliseconds. */
export const GRACE_MS = 2_000;

/** How long something may be waited for, and what ends the wait early. */
export type WaitLimits = {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Waits for work that goes on whether or not anybody waits for it.
 *
 * @returns whether it was fulfilled before the deadline, and before the signal was aborted.
 * @throws what the work rejects with, if it does so in time.
 */
export async function endsInTime(work: Promise<unknown>, { deadline, signal }: WaitLimits): Promise<boolean> {
  const { promise: over, resolve } = Promise.withResolvers<boolean>();
  const end = () => resolve(false);
  const timer = setTimeout(end, Math.min(MAX_TIMER_MS, Math.max(0, deadline - performance.now())));
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
