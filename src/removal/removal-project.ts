// The parts of an api.video project that deleting and restoring need. `project/create-project.ts` builds it.
import type { SearchState } from '../search/search-state.ts';
import type { IdLocks } from './id-locks.ts';
import type { Restorability } from './restorability.ts';
import type { RiskWindow } from './risk-window.ts';
import type { VideoRestore } from './video-restore.ts';

export type RemovalProject = SearchState & {
  readonly videoRestore: VideoRestore;
  readonly riskWindow: RiskWindow;
  readonly restorability: Restorability;
  readonly locks: IdLocks;
  /** Timeout of one upstream request, from the start of connecting to the last byte. */
  readonly timeoutMs: number;
  /** Called with an error that is a fault of the gateway; the video's outcome claims no more than is known. */
  readonly onFault: (fault: unknown) => void;
  /**
   * Whether new writes may be sent at present. Every write is checked once more right before it is sent; asking earlier
   * saves the looks before it.
   */
  readonly mayWrite: () => boolean;
  /** Aborted once no new writes may be sent. */
  readonly draining: AbortSignal;
  /** Aborted once writes must be answered without further verification. */
  readonly ending: AbortSignal;
};
