// Opens the store that the settings name, when it is needed, and says in the log when it can be used and when not. It loads
// the code of no other store. A store that cannot be used never keeps the gateway from starting, nor foreground calls
// from being answered.
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { OperationSettings } from '../config/config.ts';
import { createStore } from './create-store.ts';
import type { Database } from './database.ts';
import type { OperationStore } from './operation-store.ts';
import { createSecretKey, type SecretKey } from './secret-key.ts';
import { Storage, StorageUnavailableError } from './storage.ts';
import { toOutage, toUnopened } from './storage-fault.ts';

/** In DATA_DIR. SQLite adds `-wal`. */
const FILE = 'operations.sqlite';
/** A process that is ending has the file for up to ten seconds. */
const BUSY_MS = 15_000;

type Store = OperationSettings['store'];

export type OpenedStorage = {
  readonly storage: Storage;
  readonly secretKey: SecretKey;
};

/**
 * Opens it at once if operations may wait in it, else with the first durable call.
 *
 * @param times - `busyMs`: how long another process that uses the folder is waited for; `retryMs`: how long after a
 *   failure it is tried again.
 */
export function openStorage(
  settings: OperationSettings,
  logger: Logger,
  times: { readonly busyMs?: number; readonly retryMs?: number } = {},
): OpenedStorage {
  const { store } = settings;
  const busyMs = times.busyMs ?? BUSY_MS;
  let mayWait = true;

  async function open(signal: AbortSignal): Promise<OperationStore> {
    let database: Database | undefined;
    try {
      database = await openDatabase(store, logger, mayWait ? busyMs : 0, signal);
      signal.throwIfAborted();
      void database.lost?.then((error) => storage.lose(toUnopened(error)));
      const watched = watchDatabase(database, (error) => storage.note(error));
      return await createStore(watched, store.kind !== 'postgres');
    } catch (error) {
      await database?.close().catch(() => {});
      throw toUnopened(error);
    } finally {
      // Who uses it still after that is not about to end, and calls should not wait for it.
      mayWait = false;
    }
  }

  const storage = new Storage({
    open,
    isThere: isThere(store),
    onOpen: createNote(store, logger),
    retryMs: store.kind === 'none' ? 0 : times.retryMs,
  });
  return { storage, secretKey: createSecretKey(settings, logger) };
}

/** Whether operations of an earlier process may wait in it. */
function isThere(store: Store): boolean {
  return store.kind === 'postgres' || (store.kind === 'folder' && existsSync(join(store.path, FILE)));
}

async function openDatabase(
  store: Store,
  logger: Logger,
  busyMs: number,
  signal: AbortSignal,
): Promise<Database> {
  switch (store.kind) {
    case 'none':
      throw new StorageUnavailableError(
        'this gateway keeps no operations, because neither DATA_DIR nor DATABASE_URL is set',
      );
    case 'memory': {
      const { openSqlite } = await import('./sqlite.ts');
      return openSqlite({ file: ':memory:', busyMs: 0 }, { signal });
    }
    case 'folder': {
      const { openSqlite } = await import('./sqlite.ts');
      await makeFolder(store.path);
      const onBusy = () =>
        logger.info(`Another process uses ${store.path}: waiting for up to ${busyMs / 1_000} seconds`);
      return openSqlite({ file: join(store.path, FILE), busyMs }, { signal, onBusy });
    }
    case 'postgres': {
      const { openPostgres } = await import('./postgres.ts');
      return untilAborted(openPostgres(store.url), signal);
    }
  }
}

/** Not by `recursive`, with which Node.js tries for ever where a file system makes no folders, such as `/proc`. */
async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

/** The driver cannot be told to give up: what it opens after that is closed. */
function untilAborted(opening: Promise<Database>, signal: AbortSignal): Promise<Database> {
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(signal.reason);
      void opening.then((database) => database.close()).catch(() => {});
    };
    signal.addEventListener('abort', giveUp);
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** Notes for each statement whether the database works, so that its state costs no statement of its own. */
function watchDatabase(
  database: Database,
  note: (error: StorageUnavailableError | undefined) => void,
): Database {
  async function watch<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work;
      note(undefined);
      return result;
    } catch (error) {
      const outage = toOutage(error);
      if (outage) note(outage);
      throw error;
    }
  }
  return {
    dialect: database.dialect,
    lost: database.lost,
    query: (sql, ...values) => watch(database.query(sql, ...values)),
    transaction: (work) => watch(database.transaction(work)),
    close: () => database.close(),
  };
}

/** One line for each change, with the cause: it may name paths and addresses, but has no secret. */
function createNote(store: Store, logger: Logger): (error: StorageUnavailableError | undefined) => void {
  let latest: string | undefined = '';
  return (error) => {
    if (store.kind === 'none' || latest === error?.message) return;
    latest = error?.message;
    const place = describePlace(store);
    if (!error) logger.info(`Durable operations are kept ${place}`);
    else {
      const cause = error.cause instanceof Error ? error.cause.message : undefined;
      logger.warn(
        { reason: error.message, cause },
        `Durable operations cannot be kept ${place}, because ${error.message}. Calls without background: true go on.`,
      );
    }
  };
}

function describePlace(store: Store): string {
  switch (store.kind) {
    case 'folder':
      return `in ${join(store.path, FILE)}`;
    case 'postgres':
      return `in PostgreSQL at ${new URL(store.url).host}`;
    default:
      return 'in memory';
  }
}
