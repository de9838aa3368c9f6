// Puts virtual time in the place of the globals that src/ waits with. One history has them at a time.
import { vi } from 'vitest';
import { createRandom } from '../random.ts';
import { VirtualTime } from './virtual-time.ts';

let present = new VirtualTime();
let random = createRandom(0);

/** A timer of virtual time, as far as anybody uses what `setTimeout` returns. */
class VirtualTimer {
  readonly cancel: () => void;

  constructor(cancel: () => void) {
    this.cancel = cancel;
  }

  unref(): this {
    return this;
  }
}

export function stubGlobals(): void {
  vi.stubGlobal('performance', { timeOrigin: VirtualTime.EPOCH, now: () => present.ask() });
  vi.stubGlobal('setTimeout', (callback: () => void, ms = 1) => {
    const cancel = present.at(present.now + Math.max(1, ms), callback);
    return new VirtualTimer(cancel);
  });
  vi.stubGlobal('clearTimeout', (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cancel();
  });
  vi.spyOn(Math, 'random').mockImplementation(() => random());
}

export function unstubGlobals(): void {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
}

/** From now on, the globals show a new time, at 0. `seed`: of `Math.random`. */
export function beginTime(seed: number): VirtualTime {
  present = new VirtualTime();
  random = createRandom(seed);
  return present;
}
