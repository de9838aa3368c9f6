import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/operations/sqlite.ts';
import { createFolder } from '../support/create-folder.ts';
import { describeStore } from './store-conformance.ts';

describeStore('the store in SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sqlite-store-'));
  let files = 0;
  return {
    open() {
      files += 1;
      return openSqlite({ file: join(folder, `${files}.db`), busyMs: 1_000 });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
});

test('each commit reaches the disk, and no other process gets at the file', async () => {
  await using folder = await createFolder();
  const database = await openSqlite({ file: join(folder.path, 'store.db'), busyMs: 0 });
  const read = async (name: string) => Object.values((await database.query(`PRAGMA ${name}`))[0] ?? {});
  expect(await read('journal_mode')).toEqual(['wal']);
  // FULL.
  expect(await read('synchronous')).toEqual([2]);
  expect(await read('fullfsync')).toEqual([1]);
  expect(await read('locking_mode')).toEqual(['exclusive']);
  await database.close();
});
