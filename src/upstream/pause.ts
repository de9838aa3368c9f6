import { setTimeout } from 'node:timers/promises';
import type { WaitLimits } from './caller.ts';

/** Waits, unless the caller's deadline comes first or the caller has gone: then answers false at once. */
export async function pause(ms: number, { deadline, signal }: WaitLimits): Promise<boolean> {
  if (performance.now() + ms > deadline || signal?.aborted) return false;
  try {
    await setTimeout(Math.max(0, ms), undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}
