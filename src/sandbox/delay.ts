// A pause that keeps no process alive: nobody needs what a closed sandbox still waits for.
import { setTimeout as delay } from 'node:timers/promises';

export async function pause(ms: number): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { ref: false });
}
