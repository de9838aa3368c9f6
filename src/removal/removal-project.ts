// The parts of an api.video project that deleting and restoring need. `project/create-project.ts` builds it.
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
  /** Held by the call whose first deletion is under way; the other calls wait for its result. */
  readonly firstDeletion: Mutex;
  readonly recentWrites: RecentWrites;
  /** Maximum number of requests to upstream in flight. */
  readonly concurrency: number;
  /** Timeout of one upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** Aborted once no new writes may be sent. */
  readonly draining: AbortSignal;
  /** Aborted once writes must be answered without further verification. */
  readonly ending: AbortSignal;
};
