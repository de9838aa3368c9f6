// Many operations that one owner starts at once leave the connections of the database to what runs operations.
import pg from 'pg';
import { expect, test } from 'vitest';
import { createStore } from '../../src/operations/create-store.ts';
import { openPostgres } from '../../src/operations/postgres.ts';
import { Starter } from '../../src/operations/starter.ts';
import { Storage } from '../../src/operations/storage.ts';
import { eventually } from '../support/eventually.ts';
import { startPostgres } from '../support/postgres.ts';

test('ten operations that one owner starts at once wait outside the database', async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase();
  const storage = new Storage({
    open: async () => createStore(await openPostgres(url)),
    isThere: false,
    onOpen() {},
  });
  const store = await storage.open();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => storage.close());
  stack.defer(() => client.end());
  const secretKey = {
    find: async () => undefined,
    make: async () => Promise.reject(new Error('nothing is encrypted here')),
  };
  const starter = new Starter({ storage, target: { find: async () => 'target' }, secretKey, mostOpen: 10 });
  const caller = {
    subject: 'subject',
    holder: { project: 'project', owner: 'owner', presented: undefined },
    managesAll: false,
    credentials: undefined,
  };
  const call = {
    kind: 'delete',
    ifPermanent: 'refuse',
    givenIfPermanent: null,
    idempotencyKey: null,
  } as const;
  // As another gateway that records one of the same owner.
  const whose = JSON.stringify(['target', 'project', 'owner']);
  await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [whose]);

  const starting = Array.from({ length: 10 }, () => starter.start(caller, call, ['vi1']));
  const countWaiting = async () => {
    const { rows } = await client.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory'");
    return rows.length;
  };
  await eventually(async () => expect(await countWaiting()).toBeGreaterThan(0));
  expect(await store.hasUnfinished()).toBe(false);
  expect(await countWaiting()).toBe(1);

  await client.query('SELECT pg_advisory_unlock_all()');
  expect((await Promise.all(starting)).map(({ kind }) => kind)).toEqual(starting.map(() => 'created'));
});
