// The database of a single gateway: SQLite in a file of its own, in a thread of its own.
import { Worker } from 'node:worker_threads';
import { type Database, type Dialect, type Query, StoreError, UNANSWERED } from './database.ts';
import type { Busy, SqliteFile, Statement, StatementResult } from './sqlite-thread.ts';

const list = (placeholder: string) => `(SELECT key AS place, value FROM json_each(${placeholder}))`;

const DIALECT: Dialect = {
  now: "CAST(unixepoch('subsec') * 1000 AS integer)",
  list,
  objects: list,
  // One transaction at a time has the file.
  forUpdate: '',
  skipLocked: '',
  by: (index) => `INDEXED BY ${index}`,
  alone: undefined,
  types: { serial: 'INTEGER PRIMARY KEY AUTOINCREMENT', instant: 'INTEGER', bytes: 'BLOB' },
  tableOptions: ' WITHOUT ROWID',
};

/**
 * Opens a file, or makes it.
 *
 * @param options - `signal`: gives up at once. `onBusy`: called if another process uses the file, and is waited for.
 * @throws {StoreError} if that fails, or another process goes on using it.
 */
export async function openSqlite(
  file: SqliteFile,
  options: { readonly signal?: AbortSignal; readonly onBusy?: () => void } = {},
): Promise<Database> {
  const { signal, onBusy } = options;
  const thread = new Thread(file, onBusy);
  const giveUp = () => void thread.end();
  signal?.addEventListener('abort', giveUp);
  try {
    await thread.isOpen;
    signal?.throwIfAborted();
    return thread;
  } catch (error) {
    await thread.end();
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

type Pending = { readonly resolve: (rows: StatementResult) => void; readonly reject: (error: Error) => void };

class Thread implements Database {
  readonly dialect = DIALECT;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #latest = 0;
  /** Why no statement can be executed any more. */
  #end: StoreError | undefined;
  #isClosed = false;
  /** The end of the transaction before. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly isOpen: Promise<unknown>;
  readonly lost: Promise<StoreError>;

  constructor(workerData: SqliteFile, onBusy: (() => void) | undefined) {
    // Compiled, it is JavaScript; in development, Node.js runs it as it is.
    const suffix = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    this.#worker = new Worker(new URL(`./sqlite-thread${suffix}`, import.meta.url), { workerData });
    this.#worker.on('message', (result: StatementResult | Busy) => {
      if (result === 'busy') onBusy?.();
      else this.#settle(result);
    });
    this.#worker.on('error', (cause) =>
      this.#fail(new StoreError(toText(cause), { cause, code: UNANSWERED })),
    );
    this.lost = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        const error =
          this.#end ?? new StoreError('the thread of the database has ended', { code: UNANSWERED });
        this.#fail(error);
        if (!this.#isClosed) resolve(error);
      });
    });
    this.isOpen = this.#expect(0).then(throwIfFailed);
  }

  readonly query: Query = (sql, ...values) => this.#inTurn(() => this.#run(sql, ...values));

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#run('BEGIN IMMEDIATE');
      try {
        const result = await work(this.#run);
        await this.#run('COMMIT');
        return result;
      } catch (error) {
        await this.#run('ROLLBACK').catch(() => {});
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.query('CLOSE').catch(() => {});
    await this.end();
  }

  /** Without waiting for anything. */
  async end(): Promise<void> {
    this.#isClosed = true;
    await this.#worker.terminate();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  readonly #run: Query = async (sql, ...values) => {
    if (this.#end) throw this.#end;
    this.#latest += 1;
    const statement: Statement = { id: this.#latest, sql, values };
    const result = this.#expect(this.#latest);
    this.#worker.postMessage(statement);
    return (await result.then(throwIfFailed)).rows;
  };

  #expect(id: number): Promise<StatementResult> {
    this.#worker.ref();
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #settle(result: StatementResult): void {
    this.#pending.get(result.id)?.resolve(result);
    this.#pending.delete(result.id);
    // The thread must not keep a process that has nothing else to do.
    if (this.#pending.size === 0) this.#worker.unref();
  }

  #fail(error: StoreError): void {
    this.#end ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#end);
    this.#pending.clear();
  }
}

function throwIfFailed(result: StatementResult): Extract<StatementResult, { rows: unknown }> {
  if ('rows' in result) return result;
  throw new StoreError(result.error, { code: result.code });
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
