// The results that an operation has recorded, as result types.
import type { ResolversInterfaceTypes, ResolversTypes } from '../generated/resolvers.ts';
import {
  type ItemOutcome,
  type ItemResult,
  isSuccess,
  type Operation,
  REJECTED_FOR_NOW,
} from '../operations/operation.ts';
import type { FailureCode } from '../removal/outcomes.ts';
import type { Video } from '../upstream/shapes.ts';
import { toVideoFailure } from './video-failure.ts';

type Results = ResolversInterfaceTypes<ResolversTypes>;

/**
 * A video as an outcome has left it. Of its fields, only these are known: `id`, `removed`, `removedAt`, `deletesAt`, and of a
 * removed one `assets`.
 */
export type RecordedVideo = Video & { readonly isRecorded: true };

export function isRecorded(video: Video): video is RecordedVideo {
  return 'isRecorded' in video;
}

export function toDeleteResult(operation: Operation, item: ItemResult): Results['DeleteVideoResult'] {
  const { videoId, outcome } = item;
  switch (outcome) {
    case 'removed':
    case 'alreadyRemoved':
      return {
        __typename: 'VideoRemoved',
        videoId,
        video: toRecordedVideo(item, true),
        alreadyRemoved: outcome === 'alreadyRemoved',
      };
    case 'destroyed':
      return { __typename: 'VideoDestroyed', videoId };
    default:
      return toUnsuccessful(operation, videoId, outcome);
  }
}

export function toRestoreResult(operation: Operation, item: ItemResult): Results['RestoreVideoResult'] {
  const { videoId, outcome } = item;
  switch (outcome) {
    case 'restored':
    case 'alreadyLive':
    case 'live':
      return {
        __typename: 'VideoRestored',
        videoId,
        video: toRecordedVideo(item, false),
        alreadyLive: outcome === 'live' ? null : outcome === 'alreadyLive',
      };
    default:
      return toUnsuccessful(operation, videoId, outcome);
  }
}

export function toItemResult(operation: Operation, item: ItemResult): Results['VideoResult'] {
  return operation.kind === 'delete' ? toDeleteResult(operation, item) : toRestoreResult(operation, item);
}

function toUnsuccessful({ finishedAt }: Operation, videoId: string, outcome: ItemOutcome | null) {
  if (outcome === null && finishedAt === null) return { __typename: 'VideoPending' as const, videoId };
  // What an ended operation has not settled was not sent, because it was cancelled.
  if (outcome === null || outcome === 'NOT_ATTEMPTED')
    return toVideoFailure(videoId, { kind: 'failed', code: 'NOT_ATTEMPTED', reason: 'withdrawn' });
  // Of what api.video said, only this is kept: that it may be otherwise later.
  if (outcome === REJECTED_FOR_NOW)
    return toVideoFailure(videoId, { kind: 'failed', code: 'UPSTREAM_REJECTED', refusal: { status: 409 } });
  return toVideoFailure(videoId, { kind: 'failed', code: toFailureCode(outcome) });
}

function toFailureCode(outcome: ItemOutcome): FailureCode {
  if (!isSuccess(outcome) && outcome !== REJECTED_FOR_NOW) return outcome;
  throw new Error(`expected an outcome of this kind of operation, and got ${outcome}`);
}

function toRecordedVideo({ videoId, removedAt, deletesAt }: ItemResult, removed: boolean): RecordedVideo {
  return {
    id: videoId,
    removed,
    removedAt: toText(removedAt),
    deletesAt: toText(deletesAt),
    assets: null,
    isRecorded: true,
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
  };
}

function toText(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
