import type { Video } from '../upstream/shapes.ts';

/**
 * A video that was not read: only its id and the state that a write proved are known. Use it only if the operation
 * selects no other field.
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
