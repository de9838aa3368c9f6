// The context that every resolver gets: one object per request.

import type { Access, Viewer } from './auth/access.ts';
import type { Config } from './config/config.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { Project } from './project/create-project.ts';
import type { Audit } from './telemetry/audit.ts';

/** All fields of a request together may name this many times `maxIds` ids. Repeated ids count, because each is answered. */
const QUOTA_FACTOR = 10;

/** How many ids all fields of a request together may name. */
export function toQuota(maxIds: number): number {
  return QUOTA_FACTOR * maxIds;
}

/** How long a request waits for upstream's budget to read, including the check of its credentials. */
const READ_WAIT_MS = 20_000;

export type Context = {
  readonly config: Pick<Config, 'permanentDeletion' | 'maxIds'>;
  readonly viewer: Viewer;
  readonly project: Project;
  readonly loaders: Loaders;
  /** How many ids all fields of this request may name, and how many of them are left. */
  readonly quota: { readonly max: number; left: number };
  /** Aborted when the client disconnects: then nothing new is sent for it. A native signal, from `useDeparture`. */
  readonly signal: AbortSignal;
  /** Logs a warning for the operator. */
  readonly warn: (message: string) => void;
};

/**
 * Creates the context of one request; its loaders cache nothing beyond it.
 *
 * @throws the errors of `Access.enter`.
 */
export async function createContext(
  config: Context['config'],
  { viewer, enter }: Access,
  signal: AbortSignal,
  warn: Context['warn'],
  audit: Audit,
): Promise<Context> {
  const limits = { deadline: performance.now() + READ_WAIT_MS, signal };
  const { project, credentials } = await enter(limits);
  const max = toQuota(config.maxIds);
  return {
    config,
    viewer,
    project,
    signal,
    warn,
    quota: { max, left: max },
    loaders: createLoaders(project, { ...limits, credentials }, audit),
  };
}
