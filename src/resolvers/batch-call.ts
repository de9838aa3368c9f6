// The parts that deleteVideos and restoreVideos share: checking the arguments, the distinct ids, the deadline and the
// counts.
import type { Context } from '../context.ts';
import type { BatchSummary, UserError } from '../generated/resolvers.ts';

const DEFAULT_WAIT_SECONDS = 20;
const MAX_WAIT_SECONDS = 60;

type BatchOptions = { readonly waitSeconds?: number | null | undefined } | null | undefined;

/** The distinct ids in order and the deadline on the clock of `performance.now()`, or the mistakes in the call. */
export function readBatchCall(
  args: { readonly ids: readonly string[]; readonly options?: BatchOptions },
  { config: { maxIds }, quota }: Pick<Context, 'config' | 'quota'>,
): { ids: string[]; deadline: number } | { userErrors: UserError[] } {
  const ids = [...new Set(args.ids)];
  const waitSeconds = args.options?.waitSeconds ?? DEFAULT_WAIT_SECONDS;
  const userErrors: UserError[] = [];
  if (ids.length === 0) {
    userErrors.push({ code: 'NO_IDS', message: 'Expected at least one id, and got none.', field: ['ids'] });
  }
  if (ids.length > maxIds) {
    userErrors.push({
      code: 'TOO_MANY_IDS',
      message: `Expected at most ${maxIds} distinct ids in one call, and got ${ids.length}. Split the call.`,
      field: ['ids'],
    });
  }
  if (waitSeconds < 0 || waitSeconds > MAX_WAIT_SECONDS) {
    userErrors.push({
      code: 'INVALID_ARGUMENT',
      message: `Expected waitSeconds from 0 to ${MAX_WAIT_SECONDS}, and got ${waitSeconds}.`,
      field: ['options', 'waitSeconds'],
    });
  }
  if (userErrors.length > 0) return { userErrors };
  if (ids.length > quota.left) {
    const message = `Expected at most ${quota.max} ids in all fields of a request, and got more. Split the request.`;
    return { userErrors: [{ code: 'TOO_MANY_IDS', message, field: ['ids'] }] };
  }
  quota.left -= ids.length;
  return { ids, deadline: performance.now() + waitSeconds * 1000 };
}

/** The payload of a call that was refused as a whole: nothing was sent. */
export function refuseBatchCall(userErrors: UserError[]) {
  return {
    results: [],
    summary: { requested: 0, succeeded: 0, failed: 0, pending: 0, retryAfterSeconds: null },
    userErrors,
  };
}

/** What counting needs of a result. */
type Counted = { readonly __typename: string; readonly retryAfterSeconds?: number | null };

/** Counts the results of distinct ids. */
export function summarise(results: readonly Counted[]): BatchSummary {
  const failures = results.filter(({ __typename }) => __typename === 'VideoFailure');
  const failed = failures.length;
  const wait = failures.reduce((longest, each) => Math.max(longest, each.retryAfterSeconds ?? 0), 0);
  return {
    requested: results.length,
    succeeded: results.length - failed,
    failed,
    pending: 0,
    retryAfterSeconds: wait || null,
  };
}
