// What a page shows of the live or the removed videos: the flags of its videos decide, not the list.
import type { Dialect, Place } from './dialects.ts';
import type { VideoPage } from './shapes.ts';

/**
 * Leaves out the videos whose own flag disagrees with the place. An upstream may ignore `removed=true`, so that they are
 * live indeed. A path of its own shows no live videos: there, it is the flag that cannot be right.
 *
 * @param dialect - that of the list; undefined for the list of the live videos.
 */
export function toPageOfPlace(page: VideoPage, place: Place, dialect: Dialect | undefined): VideoPage {
  const videos = page.videos.filter((video) => video.removed === (place === 'removed'));
  const left = page.videos.length - videos.length;
  if (left === 0) return page;
  if (!dialect || dialect.listPath.removed === dialect.listPath.live) return { ...page, videos };
  return { ...page, videos, unreadable: (page.unreadable ?? 0) + left };
}
