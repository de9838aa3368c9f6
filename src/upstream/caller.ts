// Who a request to upstream is sent for, its purpose, and how long it may wait.

import type { Claim } from './claim.ts';
import type { Credentials } from './credentials.ts';
import type { WaitLimits } from './ends-in-time.ts';

export { GRACE_MS } from './ends-in-time.ts';
export type { WaitLimits };

/**
 * The purpose of a request, in the order of their turns. Upstream counts writes and reads separately; all kinds but `write`
 * are reads.
 *
 * - `check` verifies a write. It may use the share of reads that the others leave.
 * - `write`, `find` and `read` take turns. A `find` looks for a video that a write can act on; a `read` serves a query.
 * - `prove` looks once more for a video that is probably gone. It comes last, and leaves a part of the reads to the others.
 */
export const REQUEST_KINDS = ['check', 'write', 'find', 'read', 'prove'] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];
export type ReadKind = Exclude<RequestKind, 'write'>;

/** Something for each kind. */
export function forEachKind<T>(create: () => T): Readonly<Record<RequestKind, T>> {
  return { check: create(), write: create(), find: create(), read: create(), prove: create() };
}

/** The rate limit that a request counts in. */
export function toClass(kind: RequestKind): 'read' | 'write' {
  return kind === 'write' ? 'write' : 'read';
}

export function toClaim(kind: RequestKind): Exclude<Claim, 'long' | 'bulk' | 'end'> {
  return kind === 'check' || kind === 'prove' ? kind : 'short';
}

/** The call that a request is sent for. Use one object per call: its identity is the call's place in the queue. */
export type Caller = WaitLimits & {
  /**
   * How long it may wait for upstream's budget, on the clock of `performance.now()`: if the next reset lies later, it
   * is refused at once. Requests that the budget allows still go out, up to `GRACE_MS` later, if they have to wait for
   * a free slot or for the headers of a first request. So a deadline of now sends what the budget allows now.
   */
  readonly deadline: number;
  /** The credentials that sign its requests. */
  readonly credentials?: Credentials | undefined;
  /** Whether nobody waits for a single one of its requests: then it gives way to calls for which somebody waits. */
  readonly isBulk?: boolean | undefined;
};

/**
 * Holds one write back, beyond what the budget allows. The governor asks whenever it would be the write's turn, so the
 * answers take constant time. All writes that wait for one caller have the same answers. Call `Governor.reconsider` when
 * they may have changed.
 */
export type Gate = {
  /** Whether the write may go out now. */
  readonly isOpen: boolean;
  /** How many reads the budget must have left. */
  readonly readsNeeded: number;
  /** Whether waiting is of no use: the write fails with `HeldBackError`. */
  readonly isRefused: boolean;
  /** Called in the step in which an attempt gets its place in the budget. */
  enter(): void;
  /** Called if that attempt was not sent after all, or upstream did not carry it out: 429 or 401. */
  leave(): void;
  /**
   * Called right before each attempt is sent, once it has its place in the budget and its token.
   *
   * @throws {HeldBackError} to not send it, and give the place back.
   */
  beforeSend(): Promise<void>;
};

/** `mostReads`: how many reads a whole window has room for, the first one included. */
export type Room = { readonly isEnough: true } | { readonly isEnough: false; readonly mostReads: number };
