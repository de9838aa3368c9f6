// What every resolver gets: one object a request.
import type { Logger } from 'pino';
import type { Audit } from './audit.ts';
import type { Config } from './config.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Project } from './removal/project.ts';

export type Context = {
  readonly config: Pick<Config, 'permanentDeletion' | 'maxIds'>;
  readonly project: Project;
  readonly loaders: Loaders;
  /** Aborted when the client goes away: nothing new is sent for it then. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
};

/** Made for one request; its loaders cache nothing beyond it. */
export function createContext(
  config: Context['config'],
  project: Project,
  signal: AbortSignal,
  logger: Logger,
  audit: Audit,
): Context {
  return { config, project, signal, logger, loaders: createLoaders(project, signal, audit) };
}
