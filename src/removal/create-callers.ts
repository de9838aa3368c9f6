// Builds the two callers of a batch: one for its writes, one for the reads that verify them. Each has its own deadline
// and abort signal.
import type { Caller } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { RemovalProject } from './removal-project.ts';

export type CallerOptions = {
  /** Deadline for sending writes, on the clock of `performance.now()`. Verifying them may take one timeout longer. */
  readonly deadline: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** The credentials that sign the requests. */
  readonly credentials?: Credentials | undefined;
};

/**
 * Draining stops new writes; the writes already sent are still verified.
 *
 * @param witnessed - whether a write may be sent only while the budget has a read left to verify it.
 * @returns `sender` for writes, `checker` for the reads that verify them.
 */
export function createCallers(
  { draining, ending, timeoutMs }: RemovalProject,
  { deadline, signal, credentials }: CallerOptions,
  witnessed: boolean,
): { readonly sender: Caller; readonly checker: Caller } {
  return {
    sender: { deadline, signal: AbortSignal.any([signal, draining]), witnessed, credentials },
    checker: { deadline: deadline + timeoutMs, signal: AbortSignal.any([signal, ending]), credentials },
  };
}
