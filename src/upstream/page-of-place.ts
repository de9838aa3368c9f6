// What a page shows of the live or the removed videos: the flags of its videos decide, not the list.
import type { Place } from './dialects.ts';
import type { VideoPage } from './shapes.ts';

/**
 * Leaves out the videos whose own flag disagrees with the place. Among the removed ones, they count as unreadable: either
 * upstream ignores `removed=true`, so that its list does not show what is removed, or its flags are missing or wrong.
 */
export function toPageOfPlace(page: VideoPage, place: Place): VideoPage {
  const videos = page.videos.filter((video) => video.removed === (place === 'removed'));
  const left = page.videos.length - videos.length;
  if (left === 0) return page;
  if (place === 'live') return { ...page, videos };
  return { ...page, videos, unreadable: (page.unreadable ?? 0) + left };
}
