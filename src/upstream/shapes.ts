// Parses upstream's answers, in both dialects, into the gateway's own types. It is strict on what decides: ids, flags and
// the frame of a list. There, a wrong shape is an error (ShapeError), never "empty" and never a guess. It is lenient on what
// is only shown: a field with another form is left out, and reported.
import * as z from 'zod';
import { parseJson } from './parse-json.ts';
import { type OnOdd, readFlag, readList, readText, readTime } from './shown-fields.ts';

/** A body of the wrong shape. The message names the first wrong field, but not its value. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

export type VideoAssets = {
  readonly hls: string | null;
  readonly iframe: string | null;
  readonly player: string | null;
  readonly thumbnail: string | null;
  readonly mp4: string | null;
};

/** A video in either dialect. Times are upstream's strings: RFC 3339 in seconds, with an offset. */
export type Video = {
  readonly id: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly public: boolean | null;
  readonly panoramic: boolean | null;
  readonly mp4Support: boolean | null;
  readonly language: string | null;
  readonly playerId: string | null;
  readonly createdAt: string | null;
  readonly publishedAt: string | null;
  readonly updatedAt: string | null;
  readonly removed: boolean;
  readonly removedAt: string | null;
  readonly deletesAt: string | null;
  readonly assets: VideoAssets | null;
  /** Given if tags or metadata were left out, because they have another form. */
  readonly isPartial?: true;
};

/** One page of a list. */
export type VideoPage = {
  readonly videos: readonly Video[];
  /** The number of items of the whole list. */
  readonly total: number;
  /** How many items upstream sent on this page. `videos` may have fewer. */
  readonly received: number;
  /** How many items of the page are left out, because their ids or flags cannot be read; only given if there are any. */
  readonly unreadable?: number;
  /** The number of the page, from 1; undefined if upstream does not tell. */
  readonly currentPage: number | undefined;
};

/** Called with each field that has another form than upstream's. `videoId`: undefined if the id itself has. */
export type OnOddField = (videoId: string | undefined, field: string) => void;

export type AccessToken = { readonly token: string; readonly lifetimeSeconds: number };

type VideoField =
  | Exclude<keyof Video, 'id' | 'assets' | 'isPartial'>
  | 'videoId'
  | 'discarded'
  | 'discardedAt'
  | 'assets';
type RawVideo = { readonly [Field in VideoField]?: unknown };
type RawAssets = { readonly [Field in keyof VideoAssets]?: unknown };
type RawPair = { readonly key?: unknown; readonly value?: unknown };
const pageShape = z.object({
  data: z.array(z.unknown()),
  pagination: z.object({ itemsTotal: z.int().min(0), currentPage: z.unknown().optional() }),
});

/** Some servers write the lifetime as text. */
const secondsShape = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const tokenShape = z.object({
  access_token: z.string().min(1),
  expires_in: secondsShape.pipe(z.number().positive()),
});

/**
 * @param source - the body of a `write` may lack the flag, or still show the dates of the state before. Its status tells
 *   what happened.
 * @throws {ShapeError} for anything but upstream's JSON for one video.
 */
export function readVideo(
  body: Buffer,
  onOddField: OnOddField = () => {},
  source: 'read' | 'write' = 'read',
): Video {
  const video = toVideo(parseBody(body, 'a video'), onOddField, source);
  if (typeof video === 'string') throw new ShapeError(`expected a video, and got a wrong ${video}`);
  return video;
}

/**
 * A video whose id or flags cannot be read takes nothing from the others of its page. But items of which none has an id are
 * no videos, and their list is no list of videos.
 *
 * @throws {ShapeError} for anything but upstream's JSON for a page of videos with its pagination.
 */
export function readVideoPage(body: Buffer, onOddField: OnOddField = () => {}): VideoPage {
  const { data, pagination } = parse(pageShape, body, 'a page of videos');
  const videos: Video[] = [];
  let nameless = 0;
  for (const item of data) {
    const video = toVideo(item, onOddField, 'read');
    if (typeof video !== 'string') videos.push(video);
    else if (video === 'body' || video === 'videoId') nameless += 1;
  }
  if (nameless > 0 && nameless === data.length)
    throw new ShapeError('expected a page of videos, and none of its items has an id');
  const { itemsTotal: total, currentPage } = pagination;
  const page = {
    videos,
    total,
    received: data.length,
    currentPage: typeof currentPage === 'number' ? currentPage : undefined,
  };
  const unreadable = data.length - videos.length;
  return unreadable > 0 ? { ...page, unreadable } : page;
}

/** @throws {ShapeError} for anything but upstream's JSON for an access token. */
export function readAccessToken(body: Buffer): AccessToken {
  const { access_token, expires_in } = parse(tokenShape, body, 'an access token');
  return { token: access_token, lifetimeSeconds: expires_in };
}

function parse<T>(shape: z.ZodType<T>, body: Buffer, what: string): T {
  const parsed = shape.safeParse(parseBody(body, what));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ShapeError(
    `expected ${what}, and got a wrong ${issue?.path.join('.') || 'body'}: ${issue?.message}`,
  );
}

function parseBody(body: Buffer, what: string): unknown {
  const parsed = parseJson(body);
  if (parsed === undefined) throw new ShapeError(`expected ${what}, and the body is not JSON`);
  return parsed;
}

/**
 * By hand and in one pass: a schema that leaves out single fields takes longer, and this reads every video of every page.
 *
 * @returns the name of the field, if one that decides cannot be read.
 */
function toVideo(raw: unknown, onOddField: OnOddField, source: 'read' | 'write'): Video | string {
  if (!isRecord(raw)) return toUnreadable(undefined, 'body', onOddField);
  const { videoId: id, discarded = null, removed: flagged = null } = raw;
  if (typeof id !== 'string' || id === '') return toUnreadable(undefined, 'videoId', onOddField);
  if (discarded !== null && typeof discarded !== 'boolean') return toUnreadable(id, 'discarded', onOddField);
  if (flagged !== null && typeof flagged !== 'boolean') return toUnreadable(id, 'removed', onOddField);
  const doubtful = source === 'read' ? findDoubtfulFlag(raw) : undefined;
  if (doubtful !== undefined) return toUnreadable(id, doubtful, onOddField);
  // The flag in the body decides, never the list that the video came from. Without a flag, the video is not removed.
  const removed = discarded ?? flagged ?? false;
  let isPartial = false;
  const onOdd = (field: string) => {
    isPartial ||= field === 'tags' || field === 'metadata';
    onOddField(id, field);
  };
  const video: Video = {
    id,
    title: readText(raw.title, 'title', onOdd),
    description: readText(raw.description, 'description', onOdd),
    tags: readList(raw.tags, 'tags', onOdd, toTag),
    metadata: readList(raw.metadata, 'metadata', onOdd, toPair),
    public: readFlag(raw.public, 'public', onOdd),
    panoramic: readFlag(raw.panoramic, 'panoramic', onOdd),
    mp4Support: readFlag(raw.mp4Support, 'mp4Support', onOdd),
    language: readText(raw.language, 'language', onOdd),
    playerId: readText(raw.playerId, 'playerId', onOdd),
    createdAt: readTime(raw.createdAt, 'createdAt', onOdd),
    publishedAt: readTime(raw.publishedAt, 'publishedAt', onOdd),
    updatedAt: readTime(raw.updatedAt, 'updatedAt', onOdd),
    removed,
    removedAt: removed ? toRemovedAt(raw, onOdd) : null,
    deletesAt: removed ? readTime(raw.deletesAt, 'deletesAt', onOdd) : null,
    assets: removed ? null : toAssets(raw.assets, onOdd),
  };
  return isPartial ? { ...video, isPartial } : video;
}

/** Flags that disagree, or a date of removal without a flag, do not show whether the video is live or removed. */
function findDoubtfulFlag(raw: RawVideo): 'discarded' | 'removed' | undefined {
  const { discarded = null, removed = null, discardedAt = null, removedAt = null, deletesAt = null } = raw;
  if (discarded !== null) return removed === null || removed === discarded ? undefined : 'removed';
  if (removed !== null) return undefined;
  if (discardedAt !== null) return 'discarded';
  if (removedAt !== null) return 'removed';
  if (deletesAt === null) return undefined;
  // Whichever of the two upstream sends without a value.
  return 'removed' in raw && !('discarded' in raw) ? 'removed' : 'discarded';
}

function toUnreadable(id: string | undefined, field: string, onOddField: OnOddField): string {
  onOddField(id, field);
  return field;
}

/** Null also if neither can be read: then nothing is concluded from when the video was removed. */
function toRemovedAt({ discardedAt, removedAt }: RawVideo, onOdd: OnOdd): string | null {
  return readTime(discardedAt, 'discardedAt', onOdd) ?? readTime(removedAt, 'removedAt', onOdd);
}

function toTag(tag: unknown): string | undefined {
  return typeof tag === 'string' ? tag.toWellFormed() : undefined;
}

function toPair(pair: unknown): Video['metadata'][number] | undefined {
  if (!isRecord(pair)) return undefined;
  const { key, value = null }: RawPair = pair;
  if (typeof key !== 'string' || (value !== null && typeof value !== 'string')) return undefined;
  return { key: key.toWellFormed(), value: (value ?? '').toWellFormed() };
}

function toAssets(assets: unknown, onOdd: OnOdd): VideoAssets | null {
  if (assets == null) return null;
  if (!isRecord(assets)) {
    onOdd('assets');
    return null;
  }
  const { hls, iframe, player, thumbnail, mp4 }: RawAssets = assets;
  return {
    hls: readText(hls, 'assets.hls', onOdd),
    iframe: readText(iframe, 'assets.iframe', onOdd),
    player: readText(player, 'assets.player', onOdd),
    thumbnail: readText(thumbnail, 'assets.thumbnail', onOdd),
    mp4: readText(mp4, 'assets.mp4', onOdd),
  };
}

function isRecord(value: unknown): value is RawVideo & RawPair & RawAssets {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
