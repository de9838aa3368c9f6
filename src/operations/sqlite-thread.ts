// Runs in a thread of its own: SQLite waits for the disk, and that must not stop the gateway. It executes one statement for
// each message, in order. `sqlite.ts` is the other side.
//
// Nothing in this process may open and close the file beside this connection: that would drop its lock.

import { chmodSync, statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Row, Value } from './database.ts';

/** It is answered with `rows` or, if it failed, with `error`. The text CLOSE, which is no SQL, closes the file. */
export type Statement = { readonly id: number; readonly sql: string; readonly values: readonly Value[] };
export type StatementResult =
  | { readonly id: number; readonly rows: readonly Row[] }
  | { readonly id: number; readonly error: string; readonly code: number };
/** Sent once, if another process uses the file. The answer 0 says whether it was opened in the end. */
export type Busy = 'busy';
export type SqliteFile = {
  /** A path, or `:memory:`. */
  readonly file: string;
  /** How long another process may go on using the file: it may be about to end. */
  readonly busyMs: number;
};

/** SQLite's codes: an error of no kind of its own, and another connection that has the file. */
const SQLITE_ERROR = 1;
const SQLITE_BUSY = 5;
/** Between two attempts to open it. Waiting here, and not in SQLite, leaves the thread free to end. */
const BUSY_PAUSE_MS = 50;

const { file, busyMs }: SqliteFile = workerData;

// Before Node.js 24.15 it warns that SQLite is experimental, on a log that operators read.
const { emitWarning } = process;
process.emitWarning = () => {};
const sqlite = await import('node:sqlite');
process.emitWarning = emitWarning;

const database = await openInTime().catch((error: unknown) => {
  answer({ id: 0, ...toFailure(error) });
  return undefined;
});
if (database) {
  const prepared = new Map<string, StatementSync>();
  parentPort?.on('message', ({ id, sql, values }: Statement) => {
    try {
      answer({ id, rows: run(database, prepared, sql, values) });
    } catch (error) {
      answer({ id, ...toFailure(error) });
    }
  });
  answer({ id: 0, rows: [] });
}

/** @throws if it fails, or the file is still in use after `busyMs`. */
async function openInTime(): Promise<DatabaseSync> {
  const deadline = performance.now() + busyMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return open();
    } catch (error) {
      if (toFailure(error).code !== SQLITE_BUSY || performance.now() >= deadline) throw error;
    }
    if (attempt === 1) parentPort?.postMessage('busy' satisfies Busy);
    await delay(BUSY_PAUSE_MS);
  }
}

function open(): DatabaseSync {
  const opened = new sqlite.DatabaseSync(file, { timeout: 0 });
  try {
    // It has callers' credentials, encrypted, and ids of videos. SQLite gives its other files the same mode.
    if (file !== ':memory:' && statSync(file).size === 0) chmodSync(file, 0o600);
    // No second process may use it: leases are by this process's own clock. FULL and fullfsync survive a power cut.
    for (const pragma of [
      'locking_mode = EXCLUSIVE',
      'journal_mode = WAL',
      'synchronous = FULL',
      'fullfsync = 1',
      'foreign_keys = ON',
    ])
      opened.exec(`PRAGMA ${pragma}`);
    // Takes the lock now.
    opened.exec('BEGIN IMMEDIATE; COMMIT');
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

function run(
  opened: DatabaseSync,
  prepared: Map<string, StatementSync>,
  sql: string,
  values: readonly Value[],
): readonly Row[] {
  if (sql === 'CLOSE') {
    opened.close();
    return [];
  }
  // After an error such as a full disk, SQLite has rolled back by itself.
  if (sql === 'ROLLBACK' && !opened.isTransaction) return [];
  let statement = prepared.get(sql);
  if (!statement) {
    statement = opened.prepare(sql);
    prepared.set(sql, statement);
  }
  return statement.all(Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value])));
}

function answer(result: StatementResult): void {
  parentPort?.postMessage(result);
}

/** The lower eight bits of SQLite's code are the kind of error; what is above them says more of it. */
function toFailure(error: unknown): { readonly error: string; readonly code: number } {
  if (!(error instanceof Error)) return { error: String(error), code: SQLITE_ERROR };
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : SQLITE_ERROR;
  return { error: error.message, code };
}
