// Builds the callers of a batch, one for each purpose: each has its own deadline and abort signal.
import type { Caller } from '../upstream/caller.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import type { EarlierSend } from './pursue.ts';
import type { RemovalProject } from './removal-project.ts';

export type CallerOptions = {
  /**
   * Deadline for sending writes, on the clock of `performance.now()`. Verifying them may take longer: the timeout of one
   * request, and at least five lags.
   */
  readonly deadline: number;
  /** Aborted when the client disconnects. */
  readonly signal: AbortSignal;
  /** The credentials that sign the requests. */
  readonly credentials?: Credentials | undefined;
  /** Whether nobody waits for a single one of its videos. */
  readonly isBulk?: boolean | undefined;
  /** Writes that may have been sent before, by a process that has ended. */
  readonly earlierSends?: ReadonlyMap<string, EarlierSend> | undefined;
  /** Asked before a write whose answer was lost waits to be sent again. By default it may be. */
  readonly maySendAgain?: (() => boolean) | undefined;
};

export type Callers = {
  /** For writes. */
  readonly sender: Caller;
  /** For writes to videos of which nothing is known. */
  readonly writeFirst: Caller;
  /** Takes back those that are not sent yet, so that their videos are looked for first. */
  readonly takenBack: AbortController;
  /** For reads before a write. Like writes, they end when the client disconnects. */
  readonly looker: Caller;
  /**
   * For reads that verify a write. They go on when the client has disconnected: the audit needs the outcome, and other
   * calls the proof.
   */
  readonly checker: Caller;
  /** As in `CallerOptions`. */
  readonly maySendAgain: () => boolean;
};

/** That a video is absent takes one lag, and the reads. */
const LOOK_LAGS = 2;
/** Upstream's word against its reads takes three lags; that a deletion has destroyed its video takes two. */
const VERIFY_LAGS = 5;

/** Draining stops new writes; the writes already sent are still verified. */
export function createCallers(
  { videos, draining, ending, timeoutMs }: RemovalProject,
  { deadline, signal, credentials, isBulk, maySendAgain = () => true }: CallerOptions,
): Callers {
  const lookUntil = deadline + Math.max(timeoutMs, LOOK_LAGS * videos.lagMs);
  const verifyUntil = deadline + Math.max(timeoutMs, VERIFY_LAGS * videos.lagMs);
  const takenBack = new AbortController();
  return {
    sender: { deadline, signal: AbortSignal.any([signal, draining]), credentials, isBulk },
    writeFirst: {
      deadline,
      signal: AbortSignal.any([signal, draining, takenBack.signal]),
      credentials,
      isBulk,
    },
    takenBack,
    looker: { deadline: lookUntil, signal: AbortSignal.any([signal, ending]), credentials, isBulk },
    checker: { deadline: verifyUntil, signal: ending, credentials, isBulk },
    maySendAgain,
  };
}

/** Whether a write of `writeFirst` was taken back, and not withheld for another reason. */
export function isTakenBack({ kind }: WriteAnswer, { sender, takenBack }: Callers): boolean {
  return kind === 'withheld' && takenBack.signal.aborted && !sender.signal?.aborted;
}
