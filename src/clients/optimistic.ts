// What a client shows while a call is on its way: the answer in which every video succeeds. It assumes that Video Restore is
// on, and it proves nothing: the gateway's answer takes its place.
import type { DeleteVideosMutation, RestoreVideosMutation } from './generated/typed-documents.ts';

/** How long api.video keeps a removed video. */
const DAYS_KEPT = 90;
const DAY_MS = 86_400_000;

/** The optimistic answer to `DeleteVideosDocument`. */
export function assumeRemoved(ids: readonly string[]): DeleteVideosMutation {
  const distinct = [...new Set(ids)];
  const removedAt = Date.now();
  const results = distinct.map((id) => ({
    __typename: 'VideoRemoved' as const,
    videoId: id,
    alreadyRemoved: false,
    video: {
      __typename: 'Video' as const,
      id,
      removed: true,
      removedAt: toDateTime(removedAt),
      deletesAt: toDateTime(removedAt + DAYS_KEPT * DAY_MS),
      assets: null,
    },
  }));
  const summary = assumeSuccess(distinct.length);
  return {
    deleteVideos: { __typename: 'DeleteVideosPayload', results, summary, operation: null, userErrors: [] },
  };
}

/** The optimistic answer to `RestoreVideosDocument`. The assets stay null until the gateway's answer has them. */
export function assumeRestored(ids: readonly string[]): RestoreVideosMutation {
  const distinct = [...new Set(ids)];
  const results = distinct.map((id) => ({
    __typename: 'VideoRestored' as const,
    videoId: id,
    alreadyLive: false,
    video: {
      __typename: 'Video' as const,
      id,
      removed: false,
      removedAt: null,
      deletesAt: null,
      assets: null,
    },
  }));
  const summary = assumeSuccess(distinct.length);
  return {
    restoreVideos: { __typename: 'RestoreVideosPayload', results, summary, operation: null, userErrors: [] },
  };
}

function assumeSuccess(count: number) {
  return {
    __typename: 'BatchSummary' as const,
    requested: count,
    succeeded: count,
    failed: 0,
    pending: 0,
    retryAfterSeconds: null,
  };
}

/** As the gateway writes times: without fractions of a second. */
const toDateTime = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
