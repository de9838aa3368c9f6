// Checks that the videos of a page meet its filter, as far as their own fields show: an upstream that ignores or misreads
// a condition must not pass for one that found these videos. It judges tags and metadata alone: how api.video searches
// titles and descriptions is its own matter.
import type { VideoFilter } from './list-query.ts';
import type { Video } from './shapes.ts';
import { FilterIgnoredError } from './upstream-errors.ts';

/** @throws {FilterIgnoredError} if a video lacks a tag or a pair of metadata. */
export function assertFiltered(
  videos: readonly Pick<Video, 'id' | 'tags' | 'metadata' | 'isPartial'>[],
  { tags = [], metadata = [] }: VideoFilter,
): void {
  if (tags.length === 0 && metadata.length === 0) return;
  const wantedTags = tags.map(fold);
  const wantedPairs = metadata.map(toPair);
  for (const video of videos) {
    if (video.isPartial) continue;
    const own = new Set(video.tags.map(fold));
    const pairs = new Set(video.metadata.map(toPair));
    if (wantedTags.every((tag) => own.has(tag)) && wantedPairs.every((pair) => pairs.has(pair))) continue;
    throw new FilterIgnoredError(`upstream listed video ${video.id}, which does not meet the filter`);
  }
}

const toPair = ({ key, value }: { key: string; value: string }) => JSON.stringify([fold(key), fold(value)]);

/** Whether upstream distinguishes case and forms of the same character is not documented: both pass. */
const fold = (text: string) => text.normalize('NFC').toLowerCase();
