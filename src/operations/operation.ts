// What is kept of a durable operation and of its items. The result types of the schema are made of it.
import type { FailureCode } from '../removal/outcomes.ts';

export type OperationKind = 'delete' | 'restore';
export type OperationStatus = 'queued' | 'running' | 'completed' | 'cancelled';
export type IfPermanent = 'refuse' | 'allow';

/**
 * How an item succeeded. `removed` and `restored`: by this operation. `live`: it is live, and whether it was so before
 * cannot be proved.
 */
export const SUCCESSES = [
  'removed',
  'alreadyRemoved',
  'destroyed',
  'restored',
  'alreadyLive',
  'live',
] as const;
export type Success = (typeof SUCCESSES)[number];

/** UPSTREAM_REJECTED with a status that says "not now": the same call may succeed later. */
export const REJECTED_FOR_NOW = 'REJECTED_FOR_NOW';

export type ItemOutcome = Success | FailureCode | typeof REJECTED_FOR_NOW;

/** How many items have which outcome. */
export type OutcomeCounts = Readonly<Partial<Record<ItemOutcome, number>>>;

export type Operation = {
  /** `op_` and 22 characters. */
  readonly id: string;
  /** Its number in the store: the order in which operations were created. */
  readonly seq: number;
  readonly project: string;
  readonly owner: string;
  readonly subject: string;
  readonly kind: OperationKind;
  /** Null for a restore. */
  readonly ifPermanent: IfPermanent | null;
  /** The id of the operation that this one undoes. */
  readonly undoOf: string | null;
  readonly status: OperationStatus;
  readonly total: number;
  readonly counts: OutcomeCounts;
  /** In milliseconds since the epoch, as `finishedAt`. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** Whether an undo of it is not finished yet. */
  readonly isBeingUndone: boolean;
};

/** An item as the results of an operation show it. */
export type ItemResult = {
  /** Its place in the operation, from 0. */
  readonly place: number;
  readonly videoId: string;
  /** Null as long as it is not settled. */
  readonly outcome: ItemOutcome | null;
  /** When the video was removed, in milliseconds since the epoch; null where that was not read. */
  readonly removedAt: number | null;
  /** When upstream will destroy the removed video, likewise. */
  readonly deletesAt: number | null;
};

/** The sum of some outcomes. */
export function countOf(counts: OutcomeCounts, outcomes: readonly ItemOutcome[]): number {
  return outcomes.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);
}

/** How many items are settled. */
export function countSettled(counts: OutcomeCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export function isSuccess(outcome: ItemOutcome): outcome is Success {
  return SUCCESSES.some((success) => success === outcome);
}

/** Whether an operation has removed videos and has ended, and no undo of it goes on. */
export function isUndoable({ kind, finishedAt, counts, isBeingUndone }: Operation): boolean {
  return kind === 'delete' && finishedAt !== null && (counts.removed ?? 0) > 0 && !isBeingUndone;
}
