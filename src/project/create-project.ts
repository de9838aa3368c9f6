// Builds everything that is kept for one api.video project: its connections, its budget, its observations of Video
// Restore, and the locks on its videos. Callers of the same project share it; two projects share nothing.

import { IdLocks } from '../removal/id-locks.ts';
import { Mutex } from '../removal/mutex.ts';
import { RecentWrites } from '../removal/recent-writes.ts';
import type { RemovalProject } from '../removal/removal-project.ts';
import { Restorability, type VideoRestoreSetting } from '../removal/restorability.ts';
import { VideoRestore } from '../removal/video-restore.ts';
import { Governor } from '../upstream/governor.ts';
import { type Observer, observeTransport } from '../upstream/observer.ts';
import { createSend } from '../upstream/send.ts';
import { createTransport, type Transport } from '../upstream/transport.ts';
import { Videos } from '../upstream/videos.ts';

export type ProjectOptions = {
  readonly baseUrl: URL;
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: VideoRestoreSetting;
  /** Maximum number of requests to upstream in flight. */
  readonly concurrency: number;
  /** Timeout of one upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** How late upstream's reads may show a write. */
  readonly lagMs: number;
  /** How long a page read for one request may answer others. */
  readonly readCacheMs: number;
  /** They observe every request to upstream. */
  readonly observers?: readonly Observer[];
};

export type Project = RemovalProject & {
  /** For requests about the project's key: their failures also show that upstream fails. */
  readonly transport: Transport;
  /** Stops new writes; those already sent are still verified. */
  drain(): void;
  /** Gives up unverified writes and requests that wait for upstream's budget, so that their callers are answered. */
  end(): void;
  close(): Promise<void>;
};

/** Connects to nothing yet; the first request does. */
export function createProject(options: ProjectOptions): Project {
  const { baseUrl, concurrency, timeoutMs, lagMs } = options;
  const observers = options.observers ?? [];
  const governor = new Governor(concurrency);
  const connections = createTransport({ baseUrl, connections: concurrency, timeoutMs });
  const { send, transport } = createSend({
    transport: observeTransport(connections, observers),
    governor,
    onCircuit(isOpen) {
      for (const { circuit } of observers) circuit?.(isOpen);
    },
  });
  const videos = new Videos({ send, dialect: options.dialect, keepPagesMs: options.readCacheMs, lagMs });
  const videoRestore = new VideoRestore();
  const draining = new AbortController();
  const ending = new AbortController();
  return {
    transport,
    videos,
    governor,
    videoRestore,
    restorability: new Restorability(videos, videoRestore, options.videoRestore),
    locks: new IdLocks(),
    firstDeletion: new Mutex(),
    recentWrites: new RecentWrites(lagMs, () => videos.forgetReads()),
    concurrency,
    timeoutMs,
    draining: draining.signal,
    ending: ending.signal,
    drain: () => draining.abort(),
    end() {
      ending.abort();
      governor.end();
      void transport.abort();
    },
    close: () => transport.close(),
  };
}
