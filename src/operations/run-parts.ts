// What the work on one operation needs of the gateway, and how it ends.
import type { Project } from '../project/create-project.ts';
import type { ProbeCall } from '../removal/probe.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { VideoOutcome } from './item-outcome.ts';
import type { Operation } from './operation.ts';
import type { HeldOperation, OperationStore } from './operation-store.ts';

export type RunEnd =
  | { readonly kind: 'finished'; readonly operation: Operation }
  /** Another gateway has it. */
  | { readonly kind: 'lost' }
  /** The store failed: it must be acquired again, because a claim may have been recorded. */
  | { readonly kind: 'uncertain' }
  /** The gateway is stopping. */
  | { readonly kind: 'stopped' };

/** The project of an operation, and what signs its requests. */
export type Entered = {
  readonly project: Project;
  readonly credentials: Credentials | undefined;
  /** Whether credentials that upstream refuses stay refused, because nobody can renew them. */
  readonly areCredentialsFinal: boolean;
};

export type OperationRunParts = {
  readonly store: OperationStore;
  readonly leaseMs: number;
  /** How many items to take at a time; the next ones once half of them are settled, so that the budget is never idle. */
  readonly slice: () => number;
  /** Whether nothing can be recorded in the store any more, so that what is not recorded has to be looked at again. */
  readonly isStoreGivenUp: () => boolean;
  /**
   * @param signal - aborted when nobody waits for it any more.
   * @returns undefined if the operation's credentials are refused for good.
   * @throws if that cannot be found out at present.
   */
  readonly enter: (operation: HeldOperation, signal: AbortSignal) => Promise<Entered | undefined>;
  /** Called for each outcome that is final. Without `entered`, upstream refuses the credentials, and nothing was sent. */
  readonly onOutcome: (
    operation: Operation,
    videoId: string,
    outcome: VideoOutcome,
    entered: Entered | undefined,
  ) => void;
  readonly onProbeWrite: (operation: Operation, entered: Entered) => ProbeCall['onWrite'];
  /** Called each time that the store or upstream fails, or the gateway has a fault. */
  readonly onFailure: (error: unknown) => void;
};

/** The earliest time that upstream's clock can show now, in milliseconds since the epoch. */
export function toUpstreamNow(entered: Entered | undefined): number {
  return Math.floor(entered?.project.videos.now().upstreamSentAt ?? Date.now());
}
