// Renders a video as upstream does, in either dialect: names and order of the fields follow upstream's samples.
import { toAssetUrls } from './asset-urls.ts';
import type { Dialect, SandboxVideo } from './types.ts';

/** @param origin - the sandbox's own, where it serves the player pages and pictures. */
export function renderVideo(video: SandboxVideo, dialect: Dialect, origin: string): Record<string, unknown> {
  const { videoId, liveStreamId, removedAt } = video;
  return {
    videoId,
    ...(video.playerId === null ? {} : { playerId: video.playerId }),
    title: video.title,
    description: video.description,
    language: video.language,
    languageOrigin: video.language === null ? null : 'api',
    public: video.public,
    panoramic: video.panoramic,
    mp4Support: video.mp4Support,
    tags: video.tags,
    metadata: video.metadata,
    createdAt: toAtom(video.createdAt),
    publishedAt: toAtom(video.publishedAt),
    updatedAt: toAtom(video.updatedAt),
    [dialect]: removedAt !== null,
    [`${dialect}At`]: removedAt && toAtom(removedAt),
    deletesAt: video.deletesAt && toAtom(video.deletesAt),
    source: {
      uri: `/videos/${videoId}/source`,
      ...(liveStreamId === undefined ? {} : { liveStream: renderLiveStream(liveStreamId) }),
    },
    assets: removedAt === null ? renderAssets(video, origin) : null,
  };
}

function renderLiveStream(liveStreamId: string) {
  return { liveStreamId, links: [{ rel: 'self', uri: `/live-streams/${liveStreamId}` }] };
}

/** Those of a private video carry no token, unlike upstream's: the sandbox shows its pictures to anyone. */
function renderAssets({ videoId, mp4Support }: SandboxVideo, origin: string) {
  const { player, thumbnail } = toAssetUrls(videoId, origin);
  // There is no recording to serve.
  const files = `https://cdn.api.video/vod/${videoId}`;
  return {
    iframe: `<iframe src="${player}" width="100%" height="100%" frameborder="0" scrolling="no" allowfullscreen=""></iframe>`,
    player,
    hls: `${files}/hls/manifest.m3u8`,
    thumbnail,
    ...(mp4Support ? { mp4: `${files}/mp4/source.mp4` } : {}),
  };
}

/** 2019-12-16T08:25:51+00:00, upstream's ATOM format, from an ISO time in UTC. */
function toAtom(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}+00:00`;
}
