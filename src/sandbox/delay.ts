// A pause that keeps no process alive, so that a closed sandbox does not delay the exit.
import { setTimeout as delay } from 'node:timers/promises';

export async function pause(ms: number): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { ref: false });
}
