// The parts that calls for a batch share: checking the arguments, the distinct ids, the deadline and the counts.
import type { Context } from '../context.ts';
import type { BatchSummary, UserError, UserErrorCode } from '../generated/resolvers.ts';
import { inTurns } from '../operations/in-turns.ts';

const DEFAULT_WAIT_SECONDS = 20;
const MAX_WAIT_SECONDS = 60;
/** Ids of durable calls are kept for months, the wrong ones too. */
const MAX_KEPT_ID = 255;

type BatchOptions =
  | {
      readonly waitSeconds?: number | null | undefined;
      readonly background: boolean;
      readonly idempotencyKey?: string | null | undefined;
    }
  | null
  | undefined;

export type Timing = {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Given if the call is a durable operation, which goes on after the deadline. */
  readonly durable: { readonly idempotencyKey: string | null } | undefined;
};

/** When the call is answered, and whether it then goes on; or the mistakes in its options. */
export function readTiming(options: BatchOptions): Timing | { userErrors: UserError[] } {
  const isDurable = options?.background ?? false;
  const waitSeconds = options?.waitSeconds ?? (isDurable ? 0 : DEFAULT_WAIT_SECONDS);
  const idempotencyKey = options?.idempotencyKey ?? null;
  const userErrors: UserError[] = [];
  if (waitSeconds < 0 || waitSeconds > MAX_WAIT_SECONDS)
    userErrors.push(
      toUserError('INVALID_ARGUMENT', ['options', 'waitSeconds'], {
        message: `Expected waitSeconds from 0 to ${MAX_WAIT_SECONDS}, and got ${waitSeconds}.`,
      }),
    );
  const fault = idempotencyKey === null ? undefined : findKeyFault(idempotencyKey, isDurable);
  if (fault)
    userErrors.push(toUserError('INVALID_ARGUMENT', ['options', 'idempotencyKey'], { message: fault }));
  if (userErrors.length > 0) return { userErrors };
  const deadline = performance.now() + waitSeconds * 1000;
  return { deadline, durable: isDurable ? { idempotencyKey } : undefined };
}

function findKeyFault(key: string, isDurable: boolean): string | undefined {
  if (!isDurable)
    return 'Expected idempotencyKey only with background: true, and got it without. Only a durable operation is started once.';
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return undefined;
  const got = key.length > 255 ? `${key.length} characters` : JSON.stringify(key);
  return `Expected idempotencyKey of 1 to 255 printable ASCII characters, and got ${got}.`;
}

/** The distinct ids in order, and the timing of the call; or the mistakes in it. */
export async function readBatchCall(
  args: { readonly ids: readonly string[]; readonly options?: BatchOptions },
  { config, quota, backgroundQuota }: Pick<Context, 'config' | 'quota' | 'backgroundQuota'>,
): Promise<({ ids: readonly string[] } & Timing) | { userErrors: UserError[] }> {
  const ids = await toDistinct(args.ids);
  const isDurable = args.options?.background ?? false;
  const maxIds = isDurable ? config.operations.maxBackgroundIds : config.maxIds;
  const userErrors: UserError[] = [];
  if (ids.length === 0)
    userErrors.push(toUserError('NO_IDS', ['ids'], { message: 'Expected at least one id, and got none.' }));
  if (ids.length > maxIds)
    userErrors.push(
      toUserError('TOO_MANY_IDS', ['ids'], {
        message: `Expected at most ${maxIds} distinct ids in one call, and got ${ids.length}. Split the call.`,
      }),
    );
  const long = isDurable ? ids.find((id) => id.length > MAX_KEPT_ID) : undefined;
  if (long !== undefined)
    userErrors.push(
      toUserError('INVALID_ARGUMENT', ['ids'], {
        message: `Expected ids of at most ${MAX_KEPT_ID} characters with background: true, and got one of ${long.length}.`,
      }),
    );
  const timing = readTiming(args.options);
  if ('userErrors' in timing) userErrors.push(...timing.userErrors);
  if (userErrors.length > 0 || 'userErrors' in timing) return { userErrors };
  const left = isDurable ? backgroundQuota : quota;
  if (ids.length > left.left) {
    const message = `Expected at most ${left.max} ids in all fields of a request, and got more. Split the request.`;
    return { userErrors: [toUserError('TOO_MANY_IDS', ['ids'], { message })] };
  }
  left.left -= ids.length;
  return { ids, ...timing };
}

async function toDistinct(ids: readonly string[]): Promise<readonly string[]> {
  const distinct = new Set<string>();
  await inTurns(ids, (id) => distinct.add(id));
  return [...distinct];
}

/** @param field - the path of the argument below the field. */
export function toUserError(
  code: UserErrorCode,
  field: string[] | null,
  { message }: { readonly message: string },
): UserError {
  return { code, message, field };
}

/** The payload of a call that was refused as a whole: nothing was sent. */
export function refuseBatchCall(userErrors: UserError[]) {
  return {
    results: [],
    summary: { requested: 0, succeeded: 0, failed: 0, pending: 0, retryAfterSeconds: null },
    operation: null,
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
