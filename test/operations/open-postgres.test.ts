// PostgreSQL that is stopped, started, and given by URLs that say more than where it is.
import { createServer } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStorage } from '../../src/operations/open-storage.ts';
import { captureLog } from '../support/capture-log.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

function start(url: string) {
  const log = captureLog('info');
  const settings = { store: { kind: 'postgres', url }, secretKey: undefined } as const;
  const opened = openStorage({ ...settings, maxBackgroundIds: 10, maxOpenOperations: 10 }, log.logger, {
    retryMs: 50,
  });
  return { ...opened, log, [Symbol.asyncDispose]: () => opened.storage.close() };
}

/** One that goes on. */
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

const QUESTION = [{ target: 't', project: 'p', owner: undefined }, false] as const;

test('a database that is stopped and started again is used again, with one line for each change', async () => {
  await using own = await startPostgres();
  const url = await own.createDatabase();
  await own.stop();

  await using started = start(url);
  const { storage, log } = started;
  await eventually(() => expect(storage.failure).toBe('the database of operations cannot be reached'));
  await expect(storage.open()).rejects.toThrow('the database of operations cannot be reached');
  await own.start();
  await eventually(() => expect(storage.state).toBe('ok'));

  const store = await storage.open();
  await own.stop();
  await expect(store.count(...QUESTION)).rejects.toThrow();
  expect(storage.state).toBe('unavailable');
  await own.start();
  await eventually(() => store.count(...QUESTION));
  expect(storage.state).toBe('ok');

  const levels = log.lines.filter(({ msg }) => msg.startsWith('Durable operations'));
  expect(levels.filter(({ level }) => level === 30)).toHaveLength(2);
  expect(log.text()).not.toContain('secret');
  expect(log.text()).not.toContain('Invalid URL');
});

test('the schema and the time-outs are the gateway’s, whatever the URL says', async () => {
  const url = await server.createDatabase();
  const options = encodeURIComponent('-c search_path=public -c work_mem=5MB');
  await using started = start(`${url}?options=${options}&statement_timeout=0&query_timeout=0`);
  await started.storage.open();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('operation', 'item', 'store_version')",
  );
  expect(rows).toEqual([{ schemaname: 'apivideo_gateway' }]);
  await client.end();
});

test('a user who may make no schema uses the one that was made for it', async () => {
  const url = new URL(await server.createDatabase());
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query("CREATE ROLE least LOGIN PASSWORD 'secret'");
  await client.query('CREATE SCHEMA apivideo_gateway AUTHORIZATION least');
  await client.end();
  url.username = 'least';

  await using started = start(url.href);

  expect(await (await started.storage.open()).count(...QUESTION)).toBe(0);
});

test('a wrong password, and a database that does not exist, are named without the URL', async () => {
  const url = new URL(await server.createDatabase());
  const wrong = new URL(url);
  wrong.password = 'hunter2';
  const missing = new URL(url);
  missing.pathname = '/nowhere';
  await using first = start(wrong.href);
  await using second = start(missing.href);
  await eventually(() => expect(second.storage.failure).toBe('the database of operations does not exist'));
  await eventually(() =>
    expect(first.storage.failure).toBe('the database of operations refuses the gateway'),
  );
  for (const { log } of [first, second]) {
    expect(log.text()).not.toContain('hunter2');
    expect(log.text()).not.toContain('postgres://');
  }
});

test('two gateways open a new database at the same moment', async () => {
  const url = await server.createDatabase();
  const all = Array.from({ length: 4 }, () => start(url));
  await Promise.all(all.map(({ storage }) => storage.open()));
  for (const { storage, log } of all) {
    expect(log.lines).toHaveLength(1);
    await storage.close();
  }
});

test('a database that does not answer is given up, and keeps no gateway from stopping', async () => {
  const silent = createServer();
  // Its own handler of connections would refuse what is no HTTP.
  silent
    .removeAllListeners('connection')
    .on('connection', (socket) => socket.resume().on('end', () => socket.end()));
  await using listening = await listen(silent);
  const url = `postgres://user:hunter2@127.0.0.1:${listening.port}/videos`;
  {
    await using started = start(url);
    await eventually(() => expect(started.storage.state).toBe('opening'));
  }
  await using started = start(url);
  await eventually(() => expect(started.storage.failure).toBe('the database of operations does not answer'));
});
