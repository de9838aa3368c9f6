import { setTimeout } from 'node:timers/promises';
import type { WaitLimits } from './caller.ts';

/** Waits. @returns false at once if the caller's deadline comes first, and as soon as the caller disconnects. */
export async function pause(ms: number, { deadline, signal }: WaitLimits): Promise<boolean> {
  if (performance.now() + ms > deadline || signal?.aborted) return false;
  try {
    await setTimeout(Math.max(0, ms), undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}
