// Builds everything that is kept for one api.video project: its budget, its observations of Video Restore, and the locks on
// its videos. Callers of the same project share it; two projects share nothing but the connections to api.video.

import { IdLocks } from '../removal/id-locks.ts';
import type { RemovalProject } from '../removal/removal-project.ts';
import { Restorability, type VideoRestoreSetting } from '../removal/restorability.ts';
import { RiskWindow } from '../removal/risk-window.ts';
import { VideoRestore } from '../removal/video-restore.ts';
import { createSearchState } from '../search/search-state.ts';
import { Governor } from '../upstream/governor.ts';
import type { Slots } from '../upstream/in-flight.ts';
import { type Observer, observeTransport, toOnWait } from '../upstream/observer.ts';
import { createSend } from '../upstream/send.ts';
import type { OnOddField } from '../upstream/shapes.ts';
import type { Connections, Transport } from '../upstream/transport.ts';
import { createStoppingError } from '../upstream/upstream-errors.ts';
import { Videos } from '../upstream/videos.ts';

export type ProjectOptions = {
  readonly dialect: 'auto' | 'discarded' | 'removed';
  readonly videoRestore: VideoRestoreSetting;
  /** Maximum number of writes to upstream in flight. Deletions that are not proved restorable may be twice as many. */
  readonly concurrency: number;
  /** Timeout of one upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** How late upstream's reads may show a write. */
  readonly lagMs: number;
  /** How long a page read for one request may answer others. */
  readonly readCacheMs: number;
  /** Called when upstream shows a video that was proved to be absent. */
  readonly onReappeared?: (videoId: string) => void;
  /** Called for each field of a video that has another form than upstream's, each time that the video is read. */
  readonly onOddField?: OnOddField;
  /** Called with an error that is a fault of the gateway. */
  readonly onFault?: (fault: unknown) => void;
  /** Called before and after each request to upstream. */
  readonly onUse?: () => void;
  /** Called when no deletion may be sent before a probe has shown what deletions do, and when they may again. */
  readonly onStopped?: (isStopped: boolean) => void;
  /**
   * Whether writes may be sent now; asked right before each. With false, it fails as NOT_ATTEMPTED. What was sent is
   * still verified.
   */
  readonly mayWrite?: () => boolean;
  /** They observe every request to upstream. */
  readonly observers?: readonly Observer[];
};

export type Project = RemovalProject & {
  readonly governor: Governor;
  /** Whether upstream fails, so that nothing is sent for a while. */
  readonly isFailing: () => boolean;
  /** For requests about the project's key: their failures also show that upstream fails. */
  readonly transport: Transport;
  /** Stops new writes; those already sent are still verified. */
  drain(): void;
  /** Gives up unverified writes and requests that wait for upstream's budget, so that their callers are answered. */
  end(): void;
};

/** Reads in flight: enough to verify the writes as they are answered, and for queries beside them. */
const LEAST_READS = 20;

/** How many requests of one project may be in flight. */
export function toMostInFlight(concurrency: number): number {
  const { write, read } = toSlots(concurrency);
  return write + read;
}

export function createProject(connections: Connections, options: ProjectOptions): Project {
  return assembleProject(connections.share(toMostInFlight(options.concurrency)), options);
}

function toSlots(concurrency: number): Slots {
  return { write: concurrency, read: Math.max(LEAST_READS, 2 * concurrency) };
}

/** Everything above the connections of a project. */
export function assembleProject(connection: Transport, options: ProjectOptions): Project {
  const { concurrency, timeoutMs, lagMs, mayWrite = () => true } = options;
  const { onUse = () => {}, onStopped = () => {} } = options;
  const observers = options.observers ?? [];
  const governor = new Governor(toSlots(concurrency));
  const onWait = toOnWait(observers);
  let isFailing = false;
  const { send, transport } = createSend({
    transport: noteUse(observeTransport(connection, observers), onUse),
    governor,
    mayWrite,
    onWait,
    onCircuit(isOpen) {
      isFailing = isOpen;
      for (const { circuit } of observers) circuit?.(isOpen);
    },
  });
  const videos = new Videos({
    send,
    dialect: options.dialect,
    keepPagesMs: options.readCacheMs,
    lagMs,
    onSeen: (id) => searchState.onSeen(id),
    onOddField: options.onOddField,
  });
  const searchState = createSearchState(
    videos,
    () => toSeconds(governor.budget('read').resetsInMs),
    options.onReappeared,
  );
  const videoRestore = new VideoRestore();
  const riskWindow = new RiskWindow({
    videoRestore,
    most: 2 * concurrency,
    onChange(isStopped) {
      governor.reconsider(isStopped);
      onStopped(isStopped);
    },
  });
  const draining = new AbortController();
  const ending = new AbortController();
  return {
    ...searchState,
    transport,
    governor,
    isFailing: () => isFailing,
    videoRestore,
    riskWindow,
    restorability: new Restorability(videos, riskWindow, videoRestore, options.videoRestore, onWait),
    locks: new IdLocks(onWait),
    timeoutMs,
    onFault: options.onFault ?? (() => {}),
    mayWrite,
    draining: draining.signal,
    ending: ending.signal,
    drain: () => draining.abort(createStoppingError()),
    end() {
      ending.abort(createStoppingError());
      governor.end();
    },
  };
}

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}

function noteUse({ send }: Transport, onUse: () => void): Transport {
  return {
    async send(request) {
      onUse();
      try {
        return await send(request);
      } finally {
        onUse();
      }
    },
  };
}
