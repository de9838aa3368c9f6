// Every resolver of the schema, by type.
import type { Resolvers } from '../generated/resolvers.ts';
import { isProbeVideo } from '../removal/probe.ts';
import { cancelOperation } from './cancel-operation.ts';
import { dateTime } from './date-time.ts';
import { deleteVideos } from './delete-videos.ts';
import { operation, operationFields, operations } from './operations.ts';
import { Query } from './reads.ts';
import { resolveVideo } from './recorded-video.ts';
import { restoreVideos } from './restore-videos.ts';
import { Subscription } from './subscriptions.ts';
import { undoOperation } from './undo-operation.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Mutation: { deleteVideos, restoreVideos, undoOperation, cancelOperation },
  Operation: operationFields,
  Query: { ...Query, operation, operations },
  Subscription,
  Video: { probe: (video) => isProbeVideo(video) },
  VideoRemoved: { video: async ({ video }, _args, ...rest) => resolveVideo(await video, ...rest) },
  VideoRestored: { video: async ({ video }, _args, ...rest) => resolveVideo(await video, ...rest) },
};
