// After the answer of cancelOperation, nothing is sent. Gateways are processes of their own, in front of an api.video that logs.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import {
  ask,
  createPlainVideos,
  readOperation,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { startSlowProxy } from '../support/slow-proxy.ts';

const ITEMS = 30;

/** In each round, the first gateway starts an operation and the last one cancels it. */
async function cancelAgainAndAgain(stores: readonly Record<string, string>[], rounds: number) {
  const { videos, ids } = createPlainVideos(rounds * ITEMS);
  await using upstream = await startPlainUpstream({ videos });
  await using stack = new AsyncDisposableStack();
  const settings = { VIDEO_RESTORE: 'on', UPSTREAM_CONCURRENCY: '4' };
  const urls: string[] = [];
  for (const store of stores)
    urls.push(await stack.use(startDurableGateway(upstream.url, { ...settings, ...store })).url);
  const [starter = '', canceller = ''] = [urls[0], urls.at(-1)];
  let cancelled = 0;
  for (let round = 0; round < rounds; round += 1) {
    const own = new Set(ids.slice(round * ITEMS, (round + 1) * ITEMS).map((id) => `/videos/${id}`));
    const deletes = () =>
      upstream.requests.filter(({ method, path }) => method === 'DELETE' && own.has(path));
    const id = await startInBackground(
      starter,
      'deleteVideos',
      ids.slice(round * ITEMS, (round + 1) * ITEMS),
    );
    await eventually(() => expect(deletes().length).toBeGreaterThan(round % 5));
    await ask(canceller, 'mutation ($id: ID!) { cancelOperation(id: $id) { operation { status } } }', { id });
    const answered = performance.now();
    const sent = deletes().length;
    await eventually(async () => expect((await readOperation(starter, id)).status).not.toBe('RUNNING'));
    await eventually(async () => {
      const { succeeded, failed } = await readOperation(starter, id);
      expect(succeeded + failed).toBe(ITEMS);
    });
    expect(deletes().filter(({ at }) => at > answered)).toEqual([]);
    expect(await readOperation(starter, id)).toMatchObject({ succeeded: sent, failed: ITEMS - sent });
    if (sent < ITEMS) cancelled += 1;
  }
  expect(cancelled).toBeGreaterThan(rounds / 2);
}

describe('once a cancellation is answered', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  test('the gateway that ran the operation sends nothing more of it', async () => {
    await using folder = await createFolder();
    await cancelAgainAndAgain([{ DATA_DIR: folder.path }], 20);
  });

  test('another gateway that runs the operation sends nothing more of it', async () => {
    const database = new URL(await server.createDatabase());
    // So most claims are recorded some time before the gateway that sends them knows.
    await using late = await startSlowProxy(Number(database.port), 60);
    const lateDatabase = new URL(database);
    lateDatabase.port = `${late.port}`;
    await cancelAgainAndAgain([{ DATABASE_URL: lateDatabase.href }, { DATABASE_URL: database.href }], 6);
  });
});
