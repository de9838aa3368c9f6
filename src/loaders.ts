// The DataLoaders of one request. Reads are collected and cached for the request; writes are collected and never cached,
// since asking twice means doing twice.
import DataLoader from 'dataloader';
import type { Project } from './project/create-project.ts';
import { type DeleteOptions, deleteBatch } from './removal/delete-batch.ts';
import { type DeleteOutcome, type Failed, failed, type RestoreOutcome } from './removal/outcomes.ts';
import { type RestoreOptions, restoreBatch } from './removal/restore-batch.ts';
import type { Audit } from './telemetry/audit.ts';
import type { Caller } from './upstream/caller.ts';
import { type Found, findMany } from './upstream/find-many.ts';
import type { Video } from './upstream/shapes.ts';
import { isVideoId } from './upstream/video-id.ts';

/** What ends a request early, and what signs its requests upstream. */
type OnBehalf = Pick<DeleteOptions, 'signal' | 'credentials'>;
/** Callbacks that report to the audit. */
type Reports = 'onOutcome' | 'onProbeWrite';

export type Loaders = {
  /** On whose behalf this request reads. */
  readonly reader: Caller;
  /** A video, live or removed; null where there is neither, or the text cannot be an id. */
  readonly video: DataLoader<string, Video | null>;
  /** Deletes; one loader for each mutation field. */
  deleteVideos(options: Omit<DeleteOptions, keyof OnBehalf | Reports>): DataLoader<string, DeleteOutcome>;
  /** Restores; one loader for each mutation field. */
  restoreVideos(
    options: Omit<RestoreOptions, keyof OnBehalf | 'onOutcome'>,
  ): DataLoader<string, RestoreOutcome>;
};

/**
 * @param reader - on whose behalf this request reads, and until when; a deletion has a deadline of its own.
 * @param audit - told of what became of each video, as soon as that is known.
 */
export function createLoaders(project: Project, reader: Caller & OnBehalf, audit: Audit): Loaders {
  const onBehalf: OnBehalf = { signal: reader.signal, credentials: reader.credentials };
  const video = new DataLoader((ids: readonly string[]) => readVideos(project, ids, reader));

  return {
    reader,
    video,
    deleteVideos: (options) =>
      createWriteLoader((ids) =>
        deleteBatch(project, ids, {
          ...options,
          ...onBehalf,
          onOutcome: (id, outcome) => audit.outcome('delete', id, outcome),
          onProbeWrite: audit.probeWrite,
        }),
      ),
    restoreVideos: (options) =>
      createWriteLoader((ids) =>
        restoreBatch(project, ids, {
          ...options,
          ...onBehalf,
          onOutcome: (id, outcome) => audit.outcome('restore', id, outcome),
        }),
      ),
  };
}

/** DataLoader without its cache does not collapse equal keys, so the batch does. */
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

async function readVideos({ videos }: Project, ids: readonly string[], reader: Caller): Promise<Found[]> {
  const found = await findMany(videos, ids.filter(isVideoId), ['live', 'removed'], 'read', reader);
  return ids.map((id) => found.get(id) ?? null);
}
