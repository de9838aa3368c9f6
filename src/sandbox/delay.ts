// A pause that keeps no process alive: what a closed sandbox still waits for no longer matters.
import { setTimeout as delay } from 'node:timers/promises';

export async function pause(ms: number): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { ref: false });
}
