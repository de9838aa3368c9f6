// A clock that jumps from event to event, for policies whose waits are minutes: no real time passes.
import type { Clock } from '../../src/upstream/governor-clock.ts';

type Event = { readonly time: number; readonly order: number; readonly callback: () => void };

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #events = new Set<Event>();

  now(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const event = { time: Math.max(time, this.#now), order: this.#order++, callback };
    this.#events.add(event);
    return () => this.#events.delete(event);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + ms, resolve));
  }

  /** Runs until the work is done. Fails if no event is left, or after a virtual day. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => {});
    for (;;) {
      // Lets every promise that can settle do so before time moves.
      await new Promise((resolve) => setImmediate(resolve));
      if (done) return settled;
      let next: Event | undefined;
      for (const event of this.#events) {
        if (!next || event.time < next.time || (event.time === next.time && event.order < next.order))
          next = event;
      }
      if (!next || next.time > 86_400_000)
        throw new Error('nothing is left to happen, and the work is not done');
      this.#events.delete(next);
      this.#now = next.time;
      next.callback();
    }
  }
}
