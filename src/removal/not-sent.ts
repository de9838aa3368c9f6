import {
  BudgetExhaustedError,
  CancelledError,
  UnauthorizedError,
  UpstreamStatusError,
} from '../upstream/upstream-errors.ts';
import { type Failed, failed } from './outcomes.ts';

/**
 * The failure for a write that was not sent, because an earlier step failed with this error or, if undefined, ran out
 * of time.
 */
export function toNotSent(error: unknown): Failed {
  if (error instanceof BudgetExhaustedError) return failed('NOT_ATTEMPTED', error.retryAfterSeconds);
  if (error instanceof CancelledError || error === undefined) return failed('NOT_ATTEMPTED');
  if (error instanceof UnauthorizedError) return failed('UPSTREAM_UNAUTHORIZED');
  if (error instanceof UpstreamStatusError && error.status < 500) return failed('UPSTREAM_REJECTED');
  return failed('UPSTREAM_UNAVAILABLE');
}
