// On whose behalf a batch writes and reads: until when each goes on, and what ends it early.
import type { Caller } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { RemovalProject } from './removal-project.ts';

export type CallerOptions = {
  /** Until when writes are sent, on the clock of `performance.now()`. Settling may take one time-out more. */
  readonly deadline: number;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** What signs the requests. */
  readonly credentials?: Credentials | undefined;
};

/**
 * Draining stops the sending; the writes that were sent are still settled.
 *
 * @param witnessed - whether each write needs a read to be left, to see what it did.
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
