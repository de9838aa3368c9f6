// The result of one check, and the reason why a check has none. A finding never quotes a key, a token, or a field of a
// user's video.

export type Status = 'as assumed' | 'differs' | 'not checked';

export type Finding = {
  readonly status: Status;
  /** What api.video does, or why that could not be checked. */
  readonly found: string;
  /** What that means for the user; empty if nothing follows. */
  readonly follows: string;
};

export type CheckRow = { readonly check: string } & Finding;

/** Thrown by a check that cannot be done. Its message completes "Not checked:". */
export class NotCheckedError extends Error {
  override name = 'NotCheckedError';
  readonly follows: string;

  constructor(found: string, follows = '') {
    super(found);
    this.follows = follows;
  }
}

export function asAssumed(found: string, follows = ''): Finding {
  return { status: 'as assumed', found, follows };
}

export function differs(found: string, follows: string): Finding {
  return { status: 'differs', found, follows };
}
