// How far a request may go into a budget, by what it is for.

/**
 * A `check` may use all of the budget. A `short` call leaves the part kept for checks. A `long` call, which goes on into the
 * next window anyway, also leaves a tenth to short calls. A `prove` leaves a quarter to all others, and so does a `bulk`, for
 * which nobody waits; before the reset, it uses that part up bit by bit. So does the `end` of a bulk, whose requests all fit
 * into this window: it leaves only a tenth, or it would wait most of a window for its last few.
 */
export type Claim = 'check' | 'short' | 'long' | 'prove' | 'bulk' | 'end';
/** Those that leave a part. */
export type Modest = Exclude<Claim, 'check' | 'short'>;

/** Parts of a window that these calls leave to the others. */
const LEFT_PART: Readonly<Record<Modest, number>> = { long: 0.1, prove: 0.25, bulk: 0.25, end: 0.1 };
/** From this long before the reset on, they may use the part that they left. */
export const TAIL_OPENS_MS = 10_000;
/** How often a bulk may then use more of it. */
export const BULK_STEP_MS = 250;
/** From this long before the reset on, a bulk may use it all: what is sent later may come too late for this window. */
const TAIL_ENDS_MS = 2_000;

/** How many requests of a window with this limit are left to the others. */
export function toTail(limit: number, claim: Modest): number {
  return Math.ceil(limit * LEFT_PART[claim]);
}

/** How many of them are still left this long before the reset, once they may be used. */
export function toOpenTail(limit: number, claim: Modest, untilResetMs: number): number {
  if (claim !== 'bulk' && claim !== 'end') return 0;
  const part = (untilResetMs - TAIL_ENDS_MS) / (TAIL_OPENS_MS - TAIL_ENDS_MS);
  return Math.ceil(toTail(limit, claim) * Math.max(0, part));
}
