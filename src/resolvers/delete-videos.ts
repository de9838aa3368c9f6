// deleteVideos: checks the call, deletes the batch or starts an operation for it, and maps each outcome to its result type.
import type { MutationResolvers, ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import type { DeleteOutcome } from '../removal/outcomes.ts';
import { readBatchCall, refuseBatchCall, summarise } from './batch-call.ts';
import { answerDurableCall } from './durable-call.ts';
import { toDeleteResult } from './item-result.ts';
import { toVideoFailure } from './video-failure.ts';

type DeleteVideoResult = ResolversInterfaceTypes<ResolversTypes>['DeleteVideoResult'];

export const deleteVideos: NonNullable<MutationResolvers['deleteVideos']> = async (
  _parent,
  args,
  context,
) => {
  const call = await readBatchCall(args, context);
  if ('userErrors' in call) return refuseBatchCall(call.userErrors);
  const { ids, deadline, durable } = call;
  const { config, loaders } = context;
  const givenIfPermanent = args.options?.ifPermanent ?? null;
  const policy = (givenIfPermanent ?? config.permanentDeletion).toLowerCase();
  const ifPermanent = policy === 'allow' ? 'allow' : 'refuse';
  if (durable) {
    const operationCall = { kind: 'delete', ifPermanent, givenIfPermanent, ...durable } as const;
    return answerDurableCall(context, deadline, toDeleteResult, (operations, caller) =>
      operations.start(caller, operationCall, ids),
    );
  }
  const loader = loaders.deleteVideos({ ifPermanent, deadline });
  const results = await Promise.all(ids.map(async (id) => toResult(id, await loader.load(id))));
  return { results, summary: summarise(results), operation: null, userErrors: [] };
};

function toResult(videoId: string, outcome: DeleteOutcome): DeleteVideoResult {
  switch (outcome.kind) {
    case 'removed':
      return {
        __typename: 'VideoRemoved',
        videoId,
        video: outcome.video,
        alreadyRemoved: outcome.alreadyRemoved,
      };
    case 'destroyed':
      return { __typename: 'VideoDestroyed', videoId };
    case 'failed':
      return toVideoFailure(videoId, outcome);
  }
}
