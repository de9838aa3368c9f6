// undoOperation: restores exactly what an operation has removed, as a call that waits or as an operation of its own.
import type { MutationResolvers } from '../generated/resolvers.ts';
import { isRemovalOf } from '../operations/item-outcome.ts';
import { isUndoable } from '../operations/operation.ts';
import { StorageUnavailableError } from '../operations/storage.ts';
import { failed } from '../removal/outcomes.ts';
import { readTiming, refuseBatchCall, summarise, toUserError } from './batch-call.ts';
import { answerDurableCall, createNotFound, createNotUndoable } from './durable-call.ts';
import { toRestoreResult } from './item-result.ts';
import { findOperation } from './operations.ts';
import { toOutcomeResult } from './restore-videos.ts';

export const undoOperation: NonNullable<MutationResolvers['undoOperation']> = async (
  _parent,
  { id, options },
  context,
) => {
  const { operations, config, quota, backgroundQuota, loaders } = context;
  if (!operations) throw new StorageUnavailableError('this gateway keeps none');
  const timing = readTiming(options);
  if ('userErrors' in timing) return refuseBatchCall(timing.userErrors);
  const { deadline, durable } = timing;
  const undone = await findOperation(id, context);
  if (!undone) return refuseBatchCall([createNotFound()]);
  if (durable) {
    const removed = undone.counts.removed ?? 0;
    // Alone in its request, an undo may be as large as its operation, whatever the setting is by now.
    if (removed > backgroundQuota.left && backgroundQuota.left < backgroundQuota.max) {
      const message = `Expected at most ${backgroundQuota.max} ids in all fields of a request, and got more. Split the request.`;
      return refuseBatchCall([toUserError('TOO_MANY_IDS', ['id'], { message })]);
    }
    backgroundQuota.left = Math.max(0, backgroundQuota.left - removed);
    return answerDurableCall(context, deadline, toRestoreResult, (_operations, caller) =>
      operations.undo(caller, undone, durable.idempotencyKey),
    );
  }
  if (!isUndoable(undone)) return refuseBatchCall([createNotUndoable()]);
  const most = Math.min(config.maxIds, quota.left);
  const removals = new Map(
    (await operations.removals(undone, most + 1)).map((removal) => [removal.videoId, removal]),
  );
  if (removals.size > most) {
    const message = `Expected background: true for an operation that has removed more than ${most} videos, and got a call without.`;
    return refuseBatchCall([toUserError('TOO_MANY_IDS', ['options', 'background'], { message })]);
  }
  quota.left -= removals.size;
  const loader = loaders.restoreVideos({
    deadline,
    mayRestore(videoId, video) {
      const removal = removals.get(videoId);
      return removal && isRemovalOf(removal, video) ? undefined : failed('CHANGED_SINCE');
    },
  });
  const results = await Promise.all(
    [...removals.keys()].map(async (videoId) => toOutcomeResult(videoId, await loader.load(videoId))),
  );
  return { results, summary: summarise(results), operation: null, userErrors: [] };
};
