// The clock that the governor uses. Its tests and the benchmark supply their own.

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
