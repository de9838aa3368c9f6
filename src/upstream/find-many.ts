// Finds many videos in the fewest reads: one by one, or by reading a list if it has fewer pages than there are ids. A
// page proves that a video exists; only single reads prove that it does not.

import type { Caller } from './caller.ts';
import type { Place } from './dialects.ts';
import { forEachOf, MOST_IN_PROGRESS } from './for-each-of.ts';
import type { Video } from './shapes.ts';
import type { Videos } from './videos.ts';

const PAGE_SIZE = 100;
/** Up to this many ids are looked up one by one, without considering lists. */
const FEW = 4;

/** A video, null if single reads found none, or the error that prevented reading it. */
export type Found = Video | null | Error;

/**
 * @param ids - distinct ids of videos.
 * @param places - where to look, in this order; as for `Videos.find`.
 * @returns an entry for every id. It never rejects.
 */
export async function findMany(
  videos: Videos,
  ids: readonly string[],
  places: readonly Place[],
  kind: 'read' | 'check',
  caller: Caller,
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const asked = new Set(ids);
  const contradicted: string[] = [];
  for (const place of new Set(places)) {
    const wanted = new Set(ids.filter((id) => !found.has(id)));
    for (const video of await readListIfCheaper(videos, wanted, place, kind, caller)) {
      if (!asked.has(video.id)) continue;
      if (found.has(video.id) && !wanted.has(video.id)) contradicted.push(video.id);
      else found.set(video.id, video);
    }
  }
  // These videos are on both lists: they moved during the reads, or one list lags.
  for (const id of contradicted) found.delete(id);
  const missing = ids.filter((id) => !found.has(id));
  await forEachOf(missing, MOST_IN_PROGRESS, async (id) => {
    try {
      found.set(id, await videos.find(id, places, kind, caller));
    } catch (error) {
      found.set(id, error instanceof Error ? error : new Error(String(error)));
    }
  });
  return found;
}

/** The whole list if that takes fewer reads than the wanted ids would; else the videos of one page, or none. */
async function readListIfCheaper(
  videos: Videos,
  wanted: ReadonlySet<string>,
  place: Place,
  kind: 'read' | 'check',
  caller: Caller,
): Promise<readonly Video[]> {
  const readPage = (currentPage: number) =>
    videos.list(place, { currentPage, pageSize: PAGE_SIZE }, kind, caller);
  const pagesKnown = Math.ceil((videos.lastTotal(place) ?? 0) / PAGE_SIZE);
  if (wanted.size <= FEW || pagesKnown >= wanted.size) return [];
  try {
    // The first page shows how long the list is now.
    const first = await readPage(1);
    const missing = wanted.size - first.videos.filter(({ id }) => wanted.has(id)).length;
    const pagesLeft = Math.ceil(first.total / PAGE_SIZE) - 1;
    if (pagesLeft >= missing) return first.videos;
    const others = await Promise.allSettled(
      Array.from({ length: pagesLeft }, (_, index) => readPage(index + 2)),
    );
    // Videos on a page that could not be read are looked up one by one.
    return [first, ...others.flatMap((page) => (page.status === 'fulfilled' ? [page.value] : []))].flatMap(
      (page) => page.videos,
    );
  } catch {
    // Single reads can still find the videos, or report the error.
    return [];
  }
}
