// Clocks that run only while requests wait for one thing. A call that waits reads a clock at the beginning and at the end of
// its wait: the difference is how long it waited for just that.

/** What a call may wait for, beside its own work. `proof`: that earlier deletions can be restored. */
export type WaitCause = 'rateLimit' | 'proof' | 'lock' | 'upstream';

/** In milliseconds; only differences count. */
export type WaitClock = () => number;

/** Called when a call begins to wait. It returns a function to call with the end of the wait; again, that does nothing. */
export type OnWait = (cause: WaitCause, clock: WaitClock) => () => void;

/** The clocks of all requests of one kind that wait for their turn. */
export class TurnClocks {
  readonly #now: WaitClock;
  readonly #ms = { rateLimit: 0, proof: 0 };
  #running: 'rateLimit' | 'proof' | undefined;
  #since = 0;

  constructor(now: WaitClock) {
    this.#now = now;
  }

  /** Runs while the rate limit has no room for the requests. */
  readonly rateLimit: WaitClock = () => this.#read('rateLimit');
  /** Runs while it has, but all gates are closed. */
  readonly proof: WaitClock = () => this.#read('proof');

  /** Lets one of them run from now on; or none, if all requests that wait only need a free slot. */
  run(clock: 'rateLimit' | 'proof' | undefined): void {
    if (this.#running) this.#ms[this.#running] = this.#read(this.#running);
    this.#running = clock;
    this.#since = this.#now();
  }

  #read(clock: 'rateLimit' | 'proof'): number {
    return this.#ms[clock] + (this.#running === clock ? this.#now() - this.#since : 0);
  }
}
