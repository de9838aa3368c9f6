// The queries: single videos through the request's loader, lists as connections, and the state of upstream.
import { ConnectionArgumentError } from '../connection/connection-argument-error.ts';
import { readConnection } from '../connection/read-connection.ts';
import type { Context } from '../context.ts';
import { createInputError } from '../errors.ts';
import type { QueryResolvers, QueryVideosArgs, RemovedVideoOrder } from '../generated/resolvers.ts';
import { isOperationId } from '../operations/operation-id.ts';
import type { Place } from '../upstream/dialects.ts';
import { ListReader } from '../upstream/list-reader.ts';
import { toUpstreamFilter } from './video-filter.ts';

const DEFAULT_ORDER = { field: 'CREATED_AT', direction: 'DESC' } as const;

export const Query: QueryResolvers = {
  async node(_parent, { id }, context) {
    return (await findNode(id, context)) ?? null;
  },

  async nodes(_parent, { ids }, context) {
    const { config, quota } = context;
    if (ids.length > config.maxIds) {
      throw createInputError(
        `Expected at most ${config.maxIds} ids, and got ${ids.length}. Split the query.`,
      );
    }
    if (ids.length > quota.left) {
      throw createInputError(
        `Expected at most ${quota.max} ids in all fields of a request, and got more. Split the query.`,
      );
    }
    quota.left -= ids.length;
    // A video that cannot be read is an error at its position, and does not affect the others.
    const found = await Promise.allSettled(ids.map((id) => findNode(id, context)));
    return found.map((one) =>
      one.status === 'fulfilled' ? (one.value ?? null) : Promise.reject(one.reason),
    );
  },

  video: (_parent, { id }, { loaders }) => loaders.video.load(id),

  videos: (_parent, args, context) => readVideos('live', args, args.orderBy, context),

  removedVideos: (_parent, args, context) => readVideos('removed', args, args.orderBy, context),

  viewer: (_parent, _args, { viewer: { scopes }, config }) => ({
    canRead: scopes.has('videos:read'),
    canDelete: scopes.has('videos:delete'),
    canRestore: scopes.has('videos:restore'),
    maxIds: config.maxIds,
    maxBackgroundIds: config.operations.maxBackgroundIds,
  }),

  videoRestore: (_parent, _args, { project }) => project.videoRestore.observed,

  upstreamBudget: (_parent, _args, { project }) => ({
    reads: toRateBudget(project.governor.budget('read')),
    writes: toRateBudget(project.governor.budget('write')),
  }),
};

async function findNode(id: string, { loaders, operationLoader }: Context) {
  if (isOperationId(id)) {
    const operation = await operationLoader.load(id);
    return operation && { __typename: 'Operation' as const, ...operation };
  }
  const video = await loaders.video.load(id);
  return video && { __typename: 'Video' as const, ...video };
}

async function readVideos(
  list: Place,
  args: Omit<QueryVideosArgs, 'orderBy'>,
  orderBy: RemovedVideoOrder | null | undefined,
  { project, loaders, warn }: Context,
) {
  const { first, after, last, before } = args;
  try {
    return await readConnection({
      list,
      args: { first, after, last, before },
      filter: toUpstreamFilter(args.filter),
      order: orderBy ?? DEFAULT_ORDER,
      pages: new ListReader({
        videos: project.videos,
        governor: project.governor,
        list,
        caller: loaders.reader,
      }),
      warn,
    });
  } catch (error) {
    throw error instanceof ConnectionArgumentError ? createInputError(error.message) : error;
  }
}

function toRateBudget({
  limit,
  remaining,
  resetsInMs,
}: ReturnType<Context['project']['governor']['budget']>) {
  return {
    limitPerMinute: limit ?? null,
    remaining: remaining ?? null,
    resetsAt: resetsInMs === undefined ? null : new Date(Date.now() + resetsInMs).toISOString(),
  };
}
