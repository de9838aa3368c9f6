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

/** Live videos, a minute apart and the newest first, as the list shows them: `Video 1`, `Video 2` … */
export function createShelf(count: number): SandboxVideo[] {
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(Date.now() - index * 60_000).toISOString();
    return createVideo({ title: `Video ${index + 1}`, createdAt: at, publishedAt: at, updatedAt: at });
  });
}
