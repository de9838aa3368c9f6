// What deleting and restoring need of an api.video project. `project/create-project.ts` makes it.
import type { Governor } from '../upstream/governor.ts';
import type { Videos } from '../upstream/videos.ts';
import type { IdLocks } from './id-locks.ts';
import type { Mutex } from './mutex.ts';
import type { RecentWrites } from './recent-writes.ts';
import type { Restorability } from './restorability.ts';
import type { VideoRestore } from './video-restore.ts';

export type RemovalProject = {
  readonly videos: Videos;
  readonly governor: Governor;
  readonly videoRestore: VideoRestore;
  readonly restorability: Restorability;
  readonly locks: IdLocks;
  /** Held by the call whose first deletion is under way, which shows what the others wait for. */
  readonly firstDeletion: Mutex;
  readonly recentWrites: RecentWrites;
  /** Requests to upstream at once. */
  readonly concurrency: number;
  /** One upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** Aborted once nothing new may be written. */
  readonly draining: AbortSignal;
  /** Aborted once unsettled writes are to be answered as they are. */
  readonly ending: AbortSignal;
};
