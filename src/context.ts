// What every resolver gets: one object a request.
import type { Logger } from 'pino';
import type { Audit } from './audit.ts';
import type { Access, Viewer } from './auth/access.ts';
import type { Config } from './config.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Project } from './removal/project.ts';

export type Context = {
  readonly config: Pick<Config, 'permanentDeletion' | 'maxIds'>;
  readonly viewer: Viewer;
  readonly project: Project;
  readonly loaders: Loaders;
  /** Aborted when the client goes away: nothing new is sent for it then. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
};

/**
 * Made for one request; its loaders cache nothing beyond it.
 *
 * @throws what `Access.enter` does.
 */
export async function createContext(
  config: Context['config'],
  { viewer, enter }: Access,
  signal: AbortSignal,
  logger: Logger,
  audit: Audit,
): Promise<Context> {
  const { project, credentials } = await enter();
  return {
    config,
    viewer,
    project,
    signal,
    logger,
    loaders: createLoaders(project, { signal, credentials }, audit),
  };
}
