import { createVideo, type SandboxVideo } from '../../src/sandbox/server.ts';

/** Live videos, and their ids in the same order. */
export function createVideos(count: number, fields: Partial<SandboxVideo> = {}) {
  const videos = Array.from({ length: count }, (_, index) =>
    createVideo({ title: `Video ${index}`, ...fields }),
  );
  return { videos, ids: videos.map(({ videoId }) => videoId) };
}

/** The same, removed a day ago, with 89 of upstream's 90 days left. */
export function createRemovedVideos(count: number) {
  const day = 86_400_000;
  return createVideos(count, {
    removedAt: new Date(Date.now() - day).toISOString(),
    deletesAt: new Date(Date.now() + 89 * day).toISOString(),
  });
}
