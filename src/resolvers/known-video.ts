import type { Video } from '../upstream/shapes.ts';

/**
 * What is known of a video without reading it: its id, and the state that a write has proved. It stands in only where
 * the operation selects no other field of it.
 */
export function createKnownVideo(id: string, removed: boolean): Video {
  return {
    id,
    removed,
    title: null,
    description: null,
    tags: [],
    metadata: [],
    public: null,
    panoramic: null,
    mp4Support: null,
    language: null,
    playerId: null,
    createdAt: null,
    publishedAt: null,
    updatedAt: null,
    removedAt: null,
    deletesAt: null,
    assets: null,
  };
}
