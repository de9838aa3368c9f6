// Finds many videos in the fewest reads: one by one, or by reading a list where its pages are fewer than the ids. A page
// proves that a video is there; that it is not, only single reads decide.

import type { Caller } from './caller.ts';
import type { Place } from './dialects.ts';
import type { Video } from './shapes.ts';
import type { Videos } from './videos.ts';

const PAGE_SIZE = 100;
/** So few are looked up one by one without a thought to lists. */
const FEW = 4;

/** A video, null where single reads found none, or why it could not be read. */
export type Found = Video | null | Error;

/**
 * @param ids - distinct ids of videos.
 * @param places - where to look, in this order; as for `Videos.find`.
 * @returns an entry for every id. It does not reject.
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
  // On both lists: it moved while they were read, or one of them lags.
  for (const id of contradicted) found.delete(id);
  await Promise.all(
    ids
      .filter((id) => !found.has(id))
      .map(async (id) => {
        try {
          found.set(id, await videos.find(id, places, kind, caller));
        } catch (error) {
          found.set(id, error instanceof Error ? error : new Error(String(error)));
        }
      }),
  );
  return found;
}

/** The whole list, if that takes fewer reads than the wanted ids would; else what one page has told, or nothing. */
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
    // The first page tells how long the list is now.
    const first = await readPage(1);
    const missing = wanted.size - first.videos.filter(({ id }) => wanted.has(id)).length;
    const pagesLeft = Math.ceil(first.total / PAGE_SIZE) - 1;
    if (pagesLeft >= missing) return first.videos;
    const others = await Promise.allSettled(
      Array.from({ length: pagesLeft }, (_, index) => readPage(index + 2)),
    );
    // What was on a page that could not be read is looked up one by one.
    return [first, ...others.flatMap((page) => (page.status === 'fulfilled' ? [page.value] : []))].flatMap(
      (page) => page.videos,
    );
  } catch {
    // Single reads can still find them, and say what is wrong if not.
    return [];
  }
}
