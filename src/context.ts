// The context that every resolver gets: one object per request.

import type { Access, Viewer } from './auth/access.ts';
import type { Config } from './config/config.ts';
import { createLoaders, createOperationLoader, type Loaders } from './loaders.ts';
import type { OperationCaller } from './operations/operation-caller.ts';
import type { Operations } from './operations/operations.ts';
import type { Project } from './project/create-project.ts';
import type { Audit } from './telemetry/audit.ts';

/** All fields of a request together may name this many times `maxIds` ids. Repeated ids count, because each is answered. */
const QUOTA_FACTOR = 10;

/** How many ids all fields of a request together may name. */
export function toQuota(maxIds: number): number {
  return QUOTA_FACTOR * maxIds;
}

/** How many results of operations all fields of a request list: forty pages. */
const MOST_LISTED = 10_000;

/** How long a request waits for upstream's budget to read, including the check of its credentials. */
const READ_WAIT_MS = 20_000;

/** How many ids all fields of a request may name, and how many of them are left. */
export type Quota = { readonly max: number; left: number };

export type Context = {
  readonly config: Pick<Config, 'permanentDeletion' | 'maxIds' | 'operations'>;
  readonly viewer: Viewer;
  readonly project: Project;
  readonly loaders: Loaders;
  readonly quota: Quota;
  /** The same for those of durable operations. */
  readonly backgroundQuota: Quota;
  /** How many results of operations all fields of the request may list, and how many are left. */
  readonly listed: Quota;
  /** Undefined if this gateway keeps none. */
  readonly operations: Operations | undefined;
  /** The caller, as durable operations know it; undefined if nothing names its project. */
  readonly operationCaller: OperationCaller | undefined;
  readonly operationLoader: ReturnType<typeof createOperationLoader>;
  /** When the caller's token expires, in milliseconds since the epoch; undefined if it has none that does. */
  readonly expiresAt: number | undefined;
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
  { viewer, expiresAt, enter }: Access,
  signal: AbortSignal,
  { config, audit, ...parts }: Pick<Context, 'config' | 'operations' | 'warn'> & { readonly audit: Audit },
): Promise<Context> {
  const limits = { deadline: performance.now() + READ_WAIT_MS, signal };
  const { project, credentials, holder } = await enter(limits);
  const { subject, scopes } = viewer;
  const max = toQuota(config.maxIds);
  const { maxBackgroundIds } = config.operations;
  const managesAll = scopes.has('operations:manage');
  const operationCaller = holder && { subject, holder, managesAll, credentials };
  return {
    ...parts,
    config,
    viewer,
    project,
    signal,
    expiresAt,
    quota: { max, left: max },
    backgroundQuota: { max: maxBackgroundIds, left: maxBackgroundIds },
    listed: { max: MOST_LISTED, left: MOST_LISTED },
    operationCaller,
    operationLoader: createOperationLoader(parts.operations, operationCaller),
    loaders: createLoaders(project, { ...limits, credentials }, audit),
  };
}
