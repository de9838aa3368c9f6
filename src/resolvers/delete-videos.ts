// deleteVideos: checks the call, deletes the batch, and maps each outcome to its result type.
import type { MutationResolvers, ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import type { DeleteOutcome } from '../removal/outcomes.ts';
import { readBatchCall, refuseBatchCall, summarise } from './batch-call.ts';
import { toVideoFailure } from './video-failure.ts';

type DeleteVideoResult = ResolversInterfaceTypes<ResolversTypes>['DeleteVideoResult'];

export const deleteVideos: NonNullable<MutationResolvers['deleteVideos']> = async (
  _parent,
  args,
  context,
) => {
  const call = readBatchCall(args, context);
  if ('userErrors' in call) return refuseBatchCall(call.userErrors);
  const { ids, deadline } = call;
  const { config, loaders } = context;
  const policy = (args.options?.ifPermanent ?? config.permanentDeletion).toLowerCase();
  const loader = loaders.deleteVideos({
    ifPermanent: policy === 'allow' ? 'allow' : 'refuse',
    deadline,
  });
  const results = await Promise.all(ids.map(async (id) => toResult(id, await loader.load(id))));
  return { results, summary: summarise(results), userErrors: [] };
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
