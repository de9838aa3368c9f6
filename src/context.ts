// What every resolver gets: one object a request.
import type { Logger } from 'pino';
import type { Audit } from './audit.ts';
import type { Access, Viewer } from './auth/access.ts';
import type { Config } from './config.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Project } from './removal/project.ts';

/** All `nodes` of a request may name so many times `maxIds` ids: each is answered, also where it is named again. */
const MAX_NODES_FACTOR = 10;

/** How long a request waits for the budget of upstream to read, the look at its credentials included. */
const READ_WAIT_MS = 20_000;

export type Context = {
  readonly config: Pick<Config, 'permanentDeletion' | 'maxIds'>;
  readonly viewer: Viewer;
  readonly project: Project;
  readonly loaders: Loaders;
  /** How many ids the `nodes` of this request may name, and how many of them are left. */
  readonly nodes: { readonly max: number; left: number };
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
  const patience = { deadline: performance.now() + READ_WAIT_MS, signal };
  const { project, credentials } = await enter(patience);
  const max = MAX_NODES_FACTOR * config.maxIds;
  return {
    config,
    viewer,
    project,
    signal,
    logger,
    nodes: { max, left: max },
    loaders: createLoaders(project, { ...patience, credentials }, audit),
  };
}
