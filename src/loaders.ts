// The DataLoaders of one request. Reads are batched and cached for the request. Writes are batched but never cached,
// because asking twice means doing twice.
import DataLoader from 'dataloader';
import type { Operation } from './operations/operation.ts';
import type { OperationCaller } from './operations/operation-caller.ts';
import type { Operations } from './operations/operations.ts';
import type { Project } from './project/create-project.ts';
import { type DeleteOptions, deleteBatch } from './removal/delete-batch.ts';
import { type DeleteOutcome, type Failed, failed, type RestoreOutcome } from './removal/outcomes.ts';
import { type RestoreOptions, restoreBatch } from './removal/restore-batch.ts';
import type { Look } from './search/look.ts';
import { search } from './search/search.ts';
import type { Audit } from './telemetry/audit.ts';
import type { Caller } from './upstream/caller.ts';
import type { Video } from './upstream/shapes.ts';
import { BudgetExhaustedError, CancelledError } from './upstream/upstream-errors.ts';
import { isVideoId } from './upstream/video-id.ts';

/** The signal that ends a request early, and the credentials that sign its requests to upstream. */
type OnBehalf = Pick<DeleteOptions, 'signal' | 'credentials'>;
/** Callbacks that report to the audit. */
type Reports = 'onOutcome' | 'onProbeWrite';

export type Loaders = {
  /** The caller of this request's reads. */
  readonly reader: Caller;
  /** A video, live or removed; null if there is neither, or the text cannot be an id. */
  readonly video: DataLoader<string, Video | null>;
  /** Deletes; one loader for each mutation field. */
  deleteVideos(options: Omit<DeleteOptions, keyof OnBehalf | Reports>): DataLoader<string, DeleteOutcome>;
  /** Restores; one loader for each mutation field. */
  restoreVideos(
    options: Omit<RestoreOptions, keyof OnBehalf | 'onOutcome'>,
  ): DataLoader<string, RestoreOutcome>;
};

/**
 * @param reader - the caller of this request's reads, with their deadline; a deletion has its own.
 * @param audit - called for each video as soon as its outcome is known.
 */
export function createLoaders(project: Project, reader: Caller & OnBehalf, audit: Audit): Loaders {
  const onBehalf: OnBehalf = { signal: reader.signal, credentials: reader.credentials };
  const video = new DataLoader((ids: readonly string[]) => readVideos(project, ids, reader));

  return {
    reader,
    video,
    deleteVideos: (options) =>
      createWriteLoader((ids) => {
        const { signal, orStop } = createStop(reader.signal);
        return deleteBatch(project, ids, {
          ...options,
          ...onBehalf,
          signal,
          onOutcome: (id, outcome) => orStop(() => audit.outcome('delete', id, outcome, reader.credentials)),
          onProbeWrite: (write) => orStop(() => audit.probeWrite(write, reader.credentials)),
        });
      }),
    restoreVideos: (options) =>
      createWriteLoader((ids) => {
        const { signal, orStop } = createStop(reader.signal);
        return restoreBatch(project, ids, {
          ...options,
          ...onBehalf,
          signal,
          onOutcome: (id, outcome) => orStop(() => audit.outcome('restore', id, outcome, reader.credentials)),
        });
      }),
  };
}

/** Operations of the caller; undefined if there is none. It caches nothing, because a call may change them. */
export function createOperationLoader(
  operations: Operations | undefined,
  caller: OperationCaller | undefined,
) {
  return new DataLoader<string, Operation | undefined>(
    async (ids) => {
      const found = caller && (await operations?.findAll(caller, [...new Set(ids)]));
      return ids.map((id) => found?.get(id));
    },
    { cache: false },
  );
}

/** Once the audit throws, nothing more of the call is sent: each write needs a line. What is sent is still verified. */
function createStop(signal: AbortSignal) {
  const stop = new AbortController();
  return {
    signal: AbortSignal.any([signal, stop.signal]),
    orStop(report: () => void): void {
      try {
        report();
      } catch (error) {
        stop.abort(new CancelledError('the audit failed', 'log'));
        throw error;
      }
    },
  };
}

/** Without its cache, DataLoader does not merge equal keys, so this loader does. */
function createWriteLoader<Outcome>(
  write: (ids: readonly string[]) => Promise<Map<string, Outcome | Failed>>,
) {
  return new DataLoader<string, Outcome | Failed>(
    async (keys) => {
      const outcomes = await write([...new Set(keys)]);
      return keys.map((id) => outcomes.get(id) ?? failed('OUTCOME_UNKNOWN'));
    },
    { cache: false },
  );
}

/** A video, null if two rounds of reads prove that there is none, or the error that prevented reading it. */
type Found = Video | null | Error;

async function readVideos(project: Project, ids: readonly string[], reader: Caller): Promise<Found[]> {
  const found = new Map<string, Found>();
  await search(project, ids.filter(isVideoId), {
    caller: reader,
    firstRound: [
      ['live', 'read'],
      ['removed', 'read'],
    ],
    onLook: (id, look) => void found.set(id, toFound(look)),
  });
  return ids.map((id) => found.get(id) ?? null);
}

function toFound(look: Look): Found {
  switch (look.kind) {
    case 'live':
    case 'removed':
      return look.video;
    case 'absent':
      return null;
    case 'unavailable':
      // Without a cause, the time has run out.
      return look.cause instanceof Error ? look.cause : new BudgetExhaustedError(undefined);
  }
}
