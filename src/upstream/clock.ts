// The clock that the governor goes by. Its tests and the benchmark bring one of their own.

/** Times are milliseconds of a monotonic clock. */
export type Clock = {
  now(): number;
  /** Calls back once at about that time; answers how to call it off. */
  at(time: number, callback: () => void): () => void;
};

const MAX_TIMER_MS = 2 ** 31 - 1;

/** That of `performance.now()`. */
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
