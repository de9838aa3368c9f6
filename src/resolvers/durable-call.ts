// The payload of a call that is a durable operation: the operation, and its results if it has ended.
import type { Context } from '../context.ts';
import type { UserError } from '../generated/resolvers.ts';
import {
  countOf,
  countSettled,
  type ItemResult,
  type Operation,
  SUCCESSES,
} from '../operations/operation.ts';
import type { Created } from '../operations/operation-store.ts';
import type { Operations } from '../operations/operations.ts';
import type { Starting } from '../operations/starter.ts';
import { StorageUnavailableError } from '../operations/storage.ts';
import { refuseBatchCall, toUserError } from './batch-call.ts';

/**
 * Starts an operation, and waits for its end until the deadline.
 *
 * @param toResult - makes a result of an item of an operation that has ended.
 * @throws {StorageUnavailableError} if this gateway keeps no operations, or cannot at present.
 */
export async function answerDurableCall<Result>(
  context: Context,
  deadline: number,
  toResult: (operation: Operation, item: ItemResult) => Result,
  start: (operations: Operations, caller: Starting) => Promise<Created>,
) {
  const { operations, operationCaller: caller, signal, config } = context;
  if (!operations) throw new StorageUnavailableError('this gateway keeps none');
  const owner = caller?.holder.owner;
  if (!caller || owner === undefined) return refuseBatchCall([createNamelessError()]);
  const created = await start(operations, { ...caller, holder: { ...caller.holder, owner } });
  if (!('operation' in created)) return refuseBatchCall([toRefusal(created.kind, config)]);
  const operation = await operations.waitForEnd(created.operation, deadline, signal);
  // An answer holds no more results than that of any other call.
  const isWhole = operation.finishedAt !== null && operation.total <= config.maxIds;
  const items = isWhole
    ? await operations.results(operation, false, { limit: config.maxIds, fromEnd: false })
    : [];
  return {
    results: items.map((item) => toResult(operation, item)),
    summary: toSummary(operation),
    operation,
    userErrors: [],
  };
}

/** How many items of an operation have which state, as its fields and the summary of a call say. */
export function countItems({ total, counts, finishedAt }: Operation) {
  const succeeded = countOf(counts, SUCCESSES);
  const settled = countSettled(counts);
  // What an ended operation has not settled was not attempted.
  const failed = (finishedAt === null ? settled : total) - succeeded;
  return { succeeded, failed, pending: total - succeeded - failed };
}

function toSummary(operation: Operation) {
  return { requested: operation.total, ...countItems(operation), retryAfterSeconds: null };
}

function createNamelessError(): UserError {
  return toUserError('INVALID_ARGUMENT', ['options', 'background'], {
    message:
      'Expected a token that names whom a durable operation belongs to, and got one without a subject (sub) or project. Call without background, or with another token.',
  });
}

function toRefusal(
  kind: Exclude<Created['kind'], 'created' | 'same'>,
  { operations }: Context['config'],
): UserError {
  switch (kind) {
    case 'keyReused':
      return toUserError('KEY_REUSED', ['options', 'idempotencyKey'], {
        message:
          'Expected other arguments with another idempotencyKey, and got a key that came before with other arguments. Use a new key.',
      });
    case 'tooMany':
      return toUserError('TOO_MANY_OPERATIONS', null, {
        message: `Expected at most ${operations.maxOpenOperations} unfinished operations of a caller, and you have as many. Wait until one has ended, or cancel one.`,
      });
    case 'notFound':
      return createNotFound();
    case 'notUndoable':
      return createNotUndoable();
  }
}

export function createNotFound(): UserError {
  return toUserError('OPERATION_NOT_FOUND', ['id'], {
    message: 'Expected the id of an operation of yours, and there is none with this id.',
  });
}

export function createNotUndoable(): UserError {
  return toUserError('OPERATION_NOT_UNDOABLE', ['id'], {
    message:
      'Expected an operation that has ended and removed videos, and that no other call is undoing. See Operation.undoable.',
  });
}
