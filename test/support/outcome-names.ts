// Names of outcomes, for counting how often each one is among the answers of many random histories.
import type { DeleteOutcome, RestoreOutcome } from '../../src/removal/outcomes.ts';

/** The answers that even a single call gets. */
export const OUTCOME_NAMES = [
  'delete: removed',
  'delete: removed, alreadyRemoved',
  'delete: destroyed',
  'delete: DESTROYED',
  'delete: NOT_FOUND',
  'delete: OUTCOME_UNKNOWN',
  'delete: NOT_ATTEMPTED',
  'delete: UPSTREAM_UNAVAILABLE',
  'delete: UPSTREAM_REJECTED',
  'delete: UPSTREAM_UNAUTHORIZED',
  'restore: restored, alreadyLive true',
  'restore: restored, alreadyLive false',
  'restore: restored, alreadyLive null',
  'restore: NOT_FOUND',
  'restore: OUTCOME_UNKNOWN',
  'restore: NOT_ATTEMPTED',
  'restore: UPSTREAM_UNAVAILABLE',
  'restore: UPSTREAM_REJECTED',
  'restore: UPSTREAM_UNAUTHORIZED',
] as const;

/** The part of the name that follows the act. */
export function toName(outcome: DeleteOutcome | RestoreOutcome): string {
  switch (outcome.kind) {
    case 'failed':
      return outcome.code;
    case 'restored':
      return `restored, alreadyLive ${outcome.alreadyLive}`;
    case 'removed':
      return outcome.alreadyRemoved ? 'removed, alreadyRemoved' : 'removed';
    case 'destroyed':
      return 'destroyed';
  }
}
