// What happens to an operation while its database, or one of two gateways, stands still. All are processes of their own.
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createPlainVideos,
  isDeletion,
  readOperation,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

describe('on PostgreSQL', { concurrent: false }, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  async function start(count: number) {
    const { videos, ids } = createPlainVideos(count);
    const stack = new AsyncDisposableStack();
    const upstream = stack.use(await startPlainUpstream({ videos, pause: () => wait(40) }));
    const database = await server.createDatabase();
    const startGateway = () =>
      stack.use(startDurableGateway(upstream.url, { DATABASE_URL: database, VIDEO_RESTORE: 'on' }));
    const deletes = () => upstream.requests.filter(isDeletion);
    return {
      upstream,
      ids,
      database,
      startGateway,
      deletes,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  }

  for (const [name, pause] of [
    [
      'stands still for eight seconds',
      async () => {
        await server.freeze();
        await wait(8_000);
        await server.thaw();
      },
    ],
    [
      'is stopped, and started again',
      async () => {
        await server.stop();
        await wait(2_000);
        await server.start();
      },
    ],
  ] as const)
    test(`nothing that is not recorded is sent while the database ${name}`, async () => {
      await using started = await start(200);
      const url = await started.startGateway().url;
      const id = await startInBackground(url, 'deleteVideos', started.ids);
      await eventually(() => expect(started.deletes().length).toBeGreaterThan(20));

      const from = performance.now();
      await pause();
      const to = performance.now();

      const sent = started.deletes().filter(({ at }) => at > from + 500 && at < to);
      const next = await eventually(() => {
        const found = started.deletes().find(({ at }) => at > to);
        expect(found).toBeDefined();
        return found;
      });
      expect(sent).toEqual([]);
      expect((next?.at ?? 0) - to).toBeLessThan(10_000);
      await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
      expect(await readOperation(url, id)).toMatchObject({ succeeded: 200, failed: 0 });
      expect(started.deletes()).toHaveLength(200);
    });

  test('a gateway that stood still among its claims sends nothing that another has taken over', async () => {
    await using started = await start(60);
    const gateways = [started.startGateway(), started.startGateway()];
    const [url = ''] = await Promise.all(gateways.map((gateway) => gateway.url));
    const client = new pg.Client({ connectionString: started.database });
    await client.connect();
    // Most of the time, a claim is under way: its answer comes when the gateway goes on.
    await client.query(`CREATE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$`);
    await eventually(() =>
      client.query(`CREATE TRIGGER slowly AFTER UPDATE ON apivideo_gateway.item
        FOR EACH STATEMENT EXECUTE FUNCTION public.slowly()`),
    );
    const id = await startInBackground(url, 'deleteVideos', started.ids);
    await eventually(() => expect(started.deletes().length).toBeGreaterThan(2));
    for (const gateway of gateways) {
      gateway.child.kill('SIGSTOP');
      await wait(7_500);
      gateway.child.kill('SIGCONT');
    }
    await client.query(`CREATE OR REPLACE FUNCTION public.slowly() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RETURN NULL; END $$`);
    await client.end();
    const free = await gateways[0]?.url;
    await eventually(
      async () => expect((await readOperation(free ?? '', id)).status).toBe('COMPLETED'),
      60_000,
    );
    expect(await readOperation(free ?? '', id)).toMatchObject({ succeeded: 60, failed: 0 });
    expect(started.deletes()).toHaveLength(60);
  });
});
