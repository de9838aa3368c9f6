// The projects of a gateway, each with the gateway's settings, and what the log says of them.
import type { Logger } from 'pino';
import type { Config } from './config/config.ts';
import { createProject, type ProjectOptions } from './project/create-project.ts';
import { Projects } from './project/projects.ts';
import { logOddFields } from './telemetry/odd-fields.ts';
import { ofRequest } from './telemetry/request-logger.ts';
import type { Connections } from './upstream/transport.ts';

/** @param options - `mayWrite`: whether lines of the audit can be written: each write needs one. */
export function createProjects(
  config: Config,
  connections: Connections,
  {
    logger,
    mayWrite,
    observers,
  }: Required<Pick<ProjectOptions, 'mayWrite' | 'observers'>> & { logger: Logger },
): Projects {
  const onOddField = logOddFields(logger);
  return new Projects((events) =>
    createProject(connections, {
      ...events,
      dialect: config.dialect,
      videoRestore: config.videoRestore,
      concurrency: config.upstreamConcurrency,
      timeoutMs: config.upstreamTimeoutMs,
      lagMs: config.upstreamLagMs,
      readCacheMs: config.readCacheSeconds * 1000,
      onReappeared: (videoId) =>
        logger.warn({ videoId }, 'api.video shows a video that was proved not to exist'),
      onOddField,
      onFault: (err) =>
        ofRequest(logger).error({ err }, 'a deletion or restore failed by a fault of the gateway'),
      mayWrite,
      observers,
    }),
  );
}
