// Parses upstream's answers, in both dialects, into the gateway's own types. A wrong shape is an error (ShapeError), never
// "empty" and never a guess.
import * as z from 'zod';

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
};

/** One page of a list. `total` counts the items of the whole list. */
export type VideoPage = { readonly videos: readonly Video[]; readonly total: number };

export type AccessToken = { readonly token: string; readonly lifetimeSeconds: number };

const text = z.string().nullish();
const flag = z.boolean().nullish();

// Plain objects without transforms or refinements: zod compiles these to one function, which takes a fifth of the time.
// `toVideo` does the rest.
const videoShape = z.object({
  videoId: z.string().min(1),
  title: text,
  description: text,
  tags: z.array(z.string()).nullish(),
  metadata: z.array(z.object({ key: z.string(), value: z.string().nullish() })).nullish(),
  public: flag,
  panoramic: flag,
  mp4Support: flag,
  language: text,
  playerId: text,
  createdAt: text,
  publishedAt: text,
  updatedAt: text,
  discarded: flag,
  discardedAt: text,
  removed: flag,
  removedAt: text,
  deletesAt: text,
  assets: z.object({ hls: text, iframe: text, player: text, thumbnail: text, mp4: text }).nullish(),
});

const pageShape = z.object({
  data: z.array(videoShape),
  pagination: z.object({ itemsTotal: z.int().min(0) }),
});

const tokenShape = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

const problemShape = z.object({ type: text, title: text, status: z.number().nullish() });

/** @throws {ShapeError} for anything but upstream's JSON for one video. */
export const readVideo = reader(videoShape, 'a video', toVideo);

/** @throws {ShapeError} for anything but upstream's JSON for a page of videos with its pagination. */
export const readVideoPage = reader(
  pageShape,
  'a page of videos',
  ({ data, pagination }): VideoPage => ({ videos: data.map(toVideo), total: pagination.itemsTotal }),
);

/** @throws {ShapeError} for anything but upstream's JSON for an access token. */
export const readAccessToken = reader(
  tokenShape,
  'an access token',
  ({ access_token, expires_in }): AccessToken => ({
    token: access_token,
    lifetimeSeconds: expires_in,
  }),
);

/**
 * Upstream's problem document. `type` is the last part of its type link, such as `resource-not-found`, or empty. JSON
 * without type, title and status is not a problem document: a proxy in between answered.
 *
 * @throws {ShapeError} if the body is not a JSON object: then a proxy in between answered.
 */
export const readProblem = reader(problemShape, 'a problem document', ({ type, title, status }) => ({
  type: type?.split('/').at(-1) ?? '',
  isProblem: [type, title, status].some((member) => member != null),
}));

function reader<Raw, T>(shape: z.ZodType<Raw>, what: string, toValue: (raw: Raw) => T): (body: Buffer) => T {
  return (body) => {
    let json: unknown;
    try {
      json = JSON.parse(body.toString('utf8'));
    } catch {
      throw new ShapeError(`expected ${what}, and the body is not JSON`);
    }
    const parsed = shape.safeParse(json);
    if (parsed.success) return toValue(parsed.data);
    const issue = parsed.error.issues[0];
    throw new ShapeError(
      `expected ${what}, and got a wrong ${issue?.path.join('.') || 'body'}: ${issue?.message}`,
    );
  };
}

function toVideo(raw: z.infer<typeof videoShape>): Video {
  // The flag in the body decides, never the list that the video came from. Without a flag, the video is not removed.
  const removed = raw.discarded ?? raw.removed ?? false;
  // Read all of them, even those not returned: one wrong time makes the whole body doubtful.
  const discardedAt = toTime(raw, 'discardedAt');
  const removedAt = toTime(raw, 'removedAt');
  const deletesAt = toTime(raw, 'deletesAt');
  const { assets } = raw;
  return {
    id: raw.videoId,
    title: raw.title ?? null,
    description: raw.description ?? null,
    tags: raw.tags ?? [],
    metadata: raw.metadata?.map(({ key, value }) => ({ key, value: value ?? '' })) ?? [],
    public: raw.public ?? null,
    panoramic: raw.panoramic ?? null,
    mp4Support: raw.mp4Support ?? null,
    language: raw.language ?? null,
    playerId: raw.playerId ?? null,
    createdAt: toTime(raw, 'createdAt'),
    publishedAt: toTime(raw, 'publishedAt'),
    updatedAt: toTime(raw, 'updatedAt'),
    removed,
    removedAt: removed ? (discardedAt ?? removedAt) : null,
    deletesAt: removed ? deletesAt : null,
    assets:
      removed || !assets
        ? null
        : {
            hls: assets.hls ?? null,
            iframe: assets.iframe ?? null,
            player: assets.player ?? null,
            thumbnail: assets.thumbnail ?? null,
            mp4: assets.mp4 ?? null,
          },
  };
}

type TimeField = 'createdAt' | 'publishedAt' | 'updatedAt' | 'discardedAt' | 'removedAt' | 'deletesAt';

/**
 * The form of nearly all of upstream's times. `Date.parse` takes five times as long, so it checks only other forms, and the
 * days that not every month has.
 */
const USUAL_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\+00:00$/;

function toTime(raw: z.infer<typeof videoShape>, field: TimeField): string | null {
  const value = raw[field] ?? null;
  if (value !== null && !USUAL_TIME.test(value) && Number.isNaN(Date.parse(value)))
    throw new ShapeError(`expected a date in ${field} of a video, and got something else`);
  return value;
}
