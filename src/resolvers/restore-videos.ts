// restoreVideos: checks the call, restores the batch, and maps each outcome to its result type.
import type { MutationResolvers, ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import type { RestoreOutcome } from '../removal/outcomes.ts';
import { readBatchCall, refuseBatchCall, summarise } from './batch-call.ts';
import { toVideoFailure } from './video-failure.ts';

type RestoreVideoResult = ResolversInterfaceTypes<ResolversTypes>['RestoreVideoResult'];

export const restoreVideos: NonNullable<MutationResolvers['restoreVideos']> = async (
  _parent,
  args,
  context,
) => {
  const call = readBatchCall(args, context);
  if ('userErrors' in call) return refuseBatchCall(call.userErrors);
  const { ids, deadline } = call;
  const loader = context.loaders.restoreVideos({ deadline });
  const results = await Promise.all(ids.map(async (id) => toResult(id, await loader.load(id))));
  return { results, summary: summarise(results), userErrors: [] };
};

function toResult(videoId: string, outcome: RestoreOutcome): RestoreVideoResult {
  if (outcome.kind === 'failed') return toVideoFailure(videoId, outcome);
  return { __typename: 'VideoRestored', videoId, video: outcome.video, alreadyLive: outcome.alreadyLive };
}
