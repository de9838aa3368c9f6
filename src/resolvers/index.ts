// Every resolver of the schema, by type.
import type { Resolvers } from '../generated/resolvers.ts';
import { isProbeVideo } from '../removal/probe.ts';
import { dateTime } from './date-time.ts';
import { deleteVideos } from './delete-videos.ts';
import { Query } from './reads.ts';
import { restoreVideos } from './restore-videos.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Mutation: { deleteVideos, restoreVideos },
  Query,
  Video: { probe: (video) => isProbeVideo(video) },
};
