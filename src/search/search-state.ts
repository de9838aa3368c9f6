// What one project keeps for searches, so that a call made again goes on where the last one ended.
import type { Videos } from '../upstream/videos.ts';
import { Absences } from './absences.ts';
import { ListWalks } from './list-walks.ts';
import { Misses } from './misses.ts';
import { RecentWrites } from './recent-writes.ts';

export type SearchState = {
  readonly videos: Videos;
  readonly recentWrites: RecentWrites;
  readonly walks: ListWalks;
  readonly misses: Misses;
  readonly absences: Absences;
  /** Whole seconds until upstream's limit for reads is reset; undefined if that is not known. */
  readonly readsResetInSeconds: () => number | undefined;
  /** Call this for each video that upstream shows: it is not absent. */
  readonly onSeen: (id: string) => void;
};

/** @param onReappeared - called when upstream shows a video that was proved to be absent. */
export function createSearchState(
  videos: Videos,
  readsResetInSeconds: SearchState['readsResetInSeconds'],
  onReappeared?: (id: string) => void,
): SearchState {
  const misses = new Misses();
  const recentWrites = new RecentWrites((id) => misses.end(id));
  const absences = new Absences(recentWrites, onReappeared);
  return {
    videos,
    recentWrites,
    walks: new ListWalks(videos),
    misses,
    absences,
    readsResetInSeconds,
    onSeen(id) {
      absences.end(id);
      misses.end(id);
    },
  };
}

/** When a second round for a video may begin; undefined if a whole first one has not missed it. */
export function provableFrom({ misses, recentWrites, videos }: SearchState, id: string): number | undefined {
  const from = misses.countsFrom(id);
  if (from === undefined) return undefined;
  return Math.max(from, recentWrites.latest(id)?.at ?? 0) + videos.lagMs;
}
