// The clock that the governor uses, and its alarm. The tests and the benchmark supply a clock of their own.

/** Times are milliseconds of a monotonic clock. */
export type Clock = {
  now(): number;
  /** Calls back once at about that time. @returns a function that cancels the call. */
  at(time: number, callback: () => void): () => void;
};

/** The longest delay of a timer of Node.js, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of `performance.now()`. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  at(time, callback) {
    const timer = setTimeout(
      callback,
      Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(time - performance.now()))),
    );
    return () => clearTimeout(timer);
  },
};

/** Rings once, at the latest time that it was set to. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** @param at - infinite for never. */
  set(at: number): void {
    if (this.#set?.at === at) return;
    this.#set?.cancel();
    this.#set = undefined;
    if (at === Number.POSITIVE_INFINITY) return;
    const cancel = this.#clock.at(at, () => {
      this.#set = undefined;
      this.#ring();
    });
    this.#set = { at, cancel };
  }
}
