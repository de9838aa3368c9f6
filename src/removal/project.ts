// Everything that is kept for one api.video project: its connections, budget, what was seen of Video Restore, and
// the locks on its videos. Two callers of the same project share it; two projects share nothing.
import { Breaker } from '../upstream/breaker.ts';
import { createExchange, type Exchange } from '../upstream/exchange.ts';
import { Governor } from '../upstream/governor.ts';
import { createHttp } from '../upstream/http.ts';
import { type Observer, observeExchange } from '../upstream/observer.ts';
import { Videos } from '../upstream/videos.ts';
import { IdLocks } from './id-locks.ts';
import { RecentWrites } from './recent-writes.ts';
import { Restorability, type VideoRestoreSetting } from './restorability.ts';
import { VideoRestore } from './video-restore.ts';

export type ProjectOptions = {
  readonly baseUrl: URL;
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: VideoRestoreSetting;
  /** Requests to upstream at once. */
  readonly concurrency: number;
  /** One upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** How long a page that was read for one request may answer others. */
  readonly readCacheMs: number;
  /** Who is told of every request to upstream. */
  readonly observers?: readonly Observer[];
};

export type Project = {
  /** For what is about the project's key: where that fails, upstream fails. */
  readonly exchange: Exchange;
  readonly videos: Videos;
  readonly governor: Governor;
  readonly videoRestore: VideoRestore;
  readonly restorability: Restorability;
  readonly locks: IdLocks;
  readonly recentWrites: RecentWrites;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Aborted once nothing new may be written. */
  readonly draining: AbortSignal;
  /** Aborted once what is not settled is to be answered as it is. */
  readonly ending: AbortSignal;
  /** Writes nothing new; what was sent is still settled. */
  drain(): void;
  /** Gives up what was sent and is not settled, and what waits for upstream's budget, so that its callers are answered. */
  end(): void;
  close(): Promise<void>;
};

/** Connects to nothing yet; the first request does. */
export function createProject(options: ProjectOptions): Project {
  const { baseUrl, concurrency, timeoutMs } = options;
  const observers = options.observers ?? [];
  const governor = new Governor(concurrency);
  const breaker = new Breaker(governor, (isOpen) => {
    for (const { circuit } of observers) circuit?.(isOpen);
  });
  const connections = createExchange({ baseUrl, connections: concurrency, timeoutMs });
  const exchange = breaker.watch(observeExchange(connections, observers));
  const http = createHttp({ exchange, governor, breaker });
  const videos = new Videos(http, options.dialect, options.readCacheMs);
  const videoRestore = new VideoRestore();
  const draining = new AbortController();
  const ending = new AbortController();
  return {
    exchange,
    videos,
    governor,
    videoRestore,
    restorability: new Restorability(videos, videoRestore, options.videoRestore),
    locks: new IdLocks(),
    recentWrites: new RecentWrites(() => videos.forgetReads()),
    concurrency,
    timeoutMs,
    draining: draining.signal,
    ending: ending.signal,
    drain: () => draining.abort(),
    end() {
      ending.abort();
      governor.end();
      void exchange.abort();
    },
    close: () => exchange.close(),
  };
}
