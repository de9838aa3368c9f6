// Puts durable operations together: where they are kept, who does their work, and what callers may do with them.
import type { Logger } from 'pino';
import type { Resumption } from '../auth/access.ts';
import type { Audit } from '../telemetry/audit.ts';
import type { OperationsState } from '../telemetry/gateway-state.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { UnauthorizedError } from '../upstream/upstream-errors.ts';
import { logEnd } from './log-end.ts';
import type { OpenedStorage } from './open-storage.ts';
import { Operations } from './operations.ts';
import { Runner } from './runner.ts';
import type { SecretKey } from './secret-key.ts';
import { Sweeper } from './sweeper.ts';
import { Target } from './target.ts';
import { Watcher } from './watcher.ts';

export type OperationsOptions = {
  /** How many unfinished operations an owner may have. */
  readonly mostOpen: number;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'onOperationEnd' | 'onTakeover'> | undefined;
};

export type DurableOperations = {
  readonly operations: Operations;
  /** What the metrics show of the store. It costs one statement, and nothing while the store is not open. */
  readonly state: OperationsState;
  /** Sends nothing more, and gives the operations up to other gateways once what was sent is settled. */
  drain(): Promise<void>;
  close(): Promise<void>;
};

export function createOperations(
  { storage, secretKey }: OpenedStorage,
  { resume, ...naming }: Resumption,
  { mostOpen, audit, logger, metrics }: OperationsOptions,
): DurableOperations {
  const target = new Target(naming, storage);
  const watcher = new Watcher(() => storage.store);
  const runner = new Runner({
    storage,
    target: () => target.confirm(),
    secretId: createFindSecretId(secretKey, logger),
    async enter({ id, project: key, credential }, signal) {
      const box = credential && (await secretKey.find());
      if (credential && box?.id !== credential.secretId) throw new Error(NO_KEY);
      const presented = box && credential ? box.open(id, credential.bytes) : undefined;
      // Somebody has changed them in the store.
      if (credential && presented === undefined) return undefined;
      try {
        const { project, credentials, holder } = await resume(presented, signal);
        // Upstream names another project for the credentials than it did at the call.
        if (holder && holder.project !== key) return undefined;
        return { project, credentials, areCredentialsFinal: credential !== null };
      } catch (error) {
        if (error instanceof UnauthorizedError && credential !== null) return undefined;
        throw error;
      }
    },
    onOutcome: (operation, videoId, outcome, entered) =>
      audit.outcome(operation.kind, videoId, outcome, entered?.credentials, operation),
    onProbeWrite:
      (operation, { credentials }) =>
      (write) =>
        audit.probeWrite(write, credentials, operation),
    onTakeover: metrics?.onTakeover,
    onEnd(operation) {
      logEnd(logger, operation);
      metrics?.onOperationEnd(operation);
      watcher.note(operation);
    },
    logger,
  });
  const sweeper = new Sweeper(storage, logger);
  const stopping = new AbortController();
  if (storage.isThere) runner.wake();
  return {
    operations: new Operations({
      storage,
      runner,
      watcher,
      target,
      secretKey,
      mostOpen,
      audit,
      stopping: stopping.signal,
    }),
    state: {
      get isUnavailable() {
        return storage.state === 'unavailable';
      },
      async depth() {
        if (target.found === undefined) return undefined;
        const key = await secretKey.find().catch(() => undefined);
        return storage.store?.depth(target.found, key?.id);
      },
    },
    drain() {
      stopping.abort();
      return runner.drain();
    },
    async close() {
      sweeper.stop();
      await runner.drain();
      await storage.close();
    },
  };
}

const NO_KEY = 'callers’ credentials cannot be decrypted';

/** A key that cannot be read stops no operations but those that need it. */
function createFindSecretId(secretKey: SecretKey, logger: Logger): () => Promise<string | undefined> {
  let isNoted = false;
  return async () => {
    try {
      const box = await secretKey.find();
      isNoted = false;
      return box?.id;
    } catch (error) {
      if (!isNoted) logger.warn({ err: error }, `${NO_KEY}, so operations that need them wait`);
      isNoted = true;
      return undefined;
    }
  };
}
