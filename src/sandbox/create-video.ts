// Creates a plausible video for tests: a fresh id, every field set, and the fields that the caller gives.
import { randomBytes } from 'node:crypto';
import type { SandboxVideo } from './types.ts';

/** How long a removed video is kept. */
export const RETENTION_MS = 90 * 24 * 60 * 60 * 1000;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** A video with the given fields; `removedAt` without `deletesAt` keeps it for 90 days from then. */
export function createVideo(fields: Partial<SandboxVideo> = {}): SandboxVideo {
  const createdAt = fields.createdAt ?? new Date().toISOString();
  const removedAt = fields.removedAt ?? null;
  return {
    videoId: createVideoId(),
    title: 'Product tour',
    description: 'What is new in this release, in three minutes.',
    tags: ['product', 'tour'],
    metadata: [{ key: 'Author', value: 'Ada Brown' }],
    public: true,
    panoramic: false,
    mp4Support: true,
    language: 'en',
    playerId: null,
    publishedAt: createdAt,
    updatedAt: createdAt,
    deletesAt: removedAt === null ? null : addRetention(removedAt),
    ...fields,
    createdAt,
    removedAt,
  };
}

/** `vi` and 22 letters and digits, from random bytes or from the given ones. */
export function createVideoId(bytes: Uint8Array = randomBytes(22)): string {
  return `vi${Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

/** When a video removed at that ISO time is permanently deleted. */
export function addRetention(removedAt: string): string {
  return new Date(Date.parse(removedAt) + RETENTION_MS).toISOString();
}
