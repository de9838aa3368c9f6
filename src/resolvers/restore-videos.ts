// restoreVideos: checks the call, restores the batch or starts an operation for it, and maps each outcome to its result type.
import type { MutationResolvers, ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import type { RestoreOutcome } from '../removal/outcomes.ts';
import { readBatchCall, refuseBatchCall, summarise } from './batch-call.ts';
import { answerDurableCall } from './durable-call.ts';
import { toRestoreResult } from './item-result.ts';
import { toVideoFailure } from './video-failure.ts';

type RestoreVideoResult = ResolversInterfaceTypes<ResolversTypes>['RestoreVideoResult'];

export const restoreVideos: NonNullable<MutationResolvers['restoreVideos']> = async (
  _parent,
  args,
  context,
) => {
  const call = await readBatchCall(args, context);
  if ('userErrors' in call) return refuseBatchCall(call.userErrors);
  const { ids, deadline, durable } = call;
  if (durable) {
    const operationCall = { kind: 'restore', ifPermanent: null, givenIfPermanent: null, ...durable } as const;
    return answerDurableCall(context, deadline, toRestoreResult, (operations, caller) =>
      operations.start(caller, operationCall, ids),
    );
  }
  const loader = context.loaders.restoreVideos({ deadline });
  const results = await Promise.all(ids.map(async (id) => toOutcomeResult(id, await loader.load(id))));
  return { results, summary: summarise(results), operation: null, userErrors: [] };
};

/** What a call that waits for each video found out of one. */
export function toOutcomeResult(videoId: string, outcome: RestoreOutcome): RestoreVideoResult {
  if (outcome.kind === 'failed') return toVideoFailure(videoId, outcome);
  return { __typename: 'VideoRestored', videoId, video: outcome.video, alreadyLive: outcome.alreadyLive };
}
