// On whose behalf a request to upstream is made, what it is for, and how long it may wait.
import type { Credentials } from './credentials.ts';

/**
 * What a request is for: `write` and `read` are the classes that upstream counts; a `check` is a read that verifies a
 * write, and may use the part of the reads that ordinary ones leave.
 */
export type RequestKind = 'read' | 'write' | 'check';

/** Until when something may be waited for, and what ends the wait early. */
export type WaitLimits = {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborted when nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
};

/** On whose behalf a request is made. One object a call: its identity is the call's place in the turn. */
export type Caller = WaitLimits & {
  /**
   * Until when it may wait for upstream's budget, on the clock of `performance.now()`: if the next reset lies later, it
   * is refused at once. Requests that the budget allows meanwhile go out, even if they have to wait for a free place or for
   * the headers of a first request, up to `GRACE_MS` longer. So a deadline of now sends what the budget allows now.
   */
  readonly deadline: number;
  /** Whether each write needs a read to be left, to see what it did. */
  readonly witnessed?: boolean;
  /** What signs its requests. */
  readonly credentials?: Credentials | undefined;
};

/** How long after its deadline a call may still wait for a free place, in milliseconds. */
export const GRACE_MS = 2_000;
