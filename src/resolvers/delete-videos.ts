// deleteVideos: checks the call, deletes the batch, and maps each outcome to its result type.
import type { GraphQLResolveInfo } from 'graphql';
import type { MutationResolvers, ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import type { DeleteOutcome } from '../removal/outcomes.ts';
import { readBatchCall, refuseBatchCall, summarise } from './batch-call.ts';
import { createKnownVideo } from './known-video.ts';
import { selectedFields } from './selected-fields.ts';
import { toVideoFailure } from './video-failure.ts';

type DeleteVideoResult = ResolversInterfaceTypes<ResolversTypes>['DeleteVideoResult'];

export const deleteVideos: NonNullable<MutationResolvers['deleteVideos']> = async (
  _parent,
  args,
  context,
  info,
) => {
  const call = readBatchCall(args, context);
  if ('userErrors' in call) return refuseBatchCall(call.userErrors);
  const { ids, deadline } = call;
  const { config, loaders, viewer } = context;
  const policy = (args.options?.ifPermanent ?? config.permanentDeletion).toLowerCase();
  const loader = loaders.deleteVideos({
    ifPermanent: policy === 'allow' ? 'allow' : 'refuse',
    deadline,
    // Reads no video that the caller may not see.
    readEach: viewer.scopes.has('videos:read') && asksForMoreThanIsKnown(info),
  });
  const results = await Promise.all(ids.map(async (id) => toResult(id, await loader.load(id))));
  return { results, summary: summarise(results), userErrors: [] };
};

function toResult(videoId: string, outcome: DeleteOutcome): DeleteVideoResult {
  switch (outcome.kind) {
    case 'removed': {
      const video = outcome.video ?? createKnownVideo(videoId, true);
      return { __typename: 'VideoRemoved', videoId, video, alreadyRemoved: outcome.alreadyRemoved };
    }
    case 'destroyed':
      return { __typename: 'VideoDestroyed', videoId };
    case 'failed':
      return toVideoFailure(videoId, outcome);
  }
}

/** A deletion proves `video { id removed }` by itself; any other field needs a read, which then affects the outcome. */
function asksForMoreThanIsKnown(info: GraphQLResolveInfo): boolean {
  const fields = selectedFields(info, [
    ['results', 'VideoRemoved'],
    ['video', 'Video'],
  ]);
  return [...fields].some((name) => name !== 'id' && name !== 'removed' && name !== '__typename');
}
