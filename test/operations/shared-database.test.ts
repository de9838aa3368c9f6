// Several gateways on one database, which differ in what they are for, in their clocks, and in when they end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createPlainVideos,
  isDeletion,
  readOperation,
  readResults,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const toToken = (projectId: string) => `${part({ alg: 'none' })}.${part({ projectId })}.signature`;
const CALLER = { authorization: `Bearer ${toToken('prPlain')}` };
const SLOW = { VIDEO_RESTORE: 'on', UPSTREAM_CONCURRENCY: '2' };
const PASSTHROUGH = { ...SLOW, APIVIDEO_API_KEY: '', AUTH: 'passthrough' };

/** Loaded before the gateway: for all of its code, it is ten minutes later. */
const AHEAD = `const Real = Date; globalThis.Date = class extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + 600000); else super(...given); }
  static now() { return Real.now() + 600000; } };`;
const CLOCK_AHEAD = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(AHEAD)}` };

describe('gateways that share a database', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  async function begin(count: number) {
    const { videos, ids } = createPlainVideos(count);
    const stack = new AsyncDisposableStack();
    const upstream = stack.use(
      await startPlainUpstream({
        videos,
        alter: (answer, { path, body }) => {
          if (path === '/auth/api-key' && body.includes('other-key'))
            Object.assign(answer, {
              status: 200,
              body: { token_type: 'Bearer', expires_in: 3600, access_token: toToken('prOther') },
            });
        },
      }),
    );
    const database = await server.createDatabase();
    const start = (settings: Record<string, string>, url = upstream.url) =>
      stack.use(startDurableGateway(url, { DATABASE_URL: database, ...settings }));
    const deletes = () => upstream.requests.filter(isDeletion);
    return { upstream, ids, start, deletes, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  test('a gateway with another project, host or SECRET_KEY takes nothing over, and logs what it leaves', async () => {
    await using begun = await begin(300);
    await using elsewhere = await startPlainUpstream({ videos: createPlainVideos(300).videos });
    const own = begun.start(SLOW);
    const id = await startInBackground(await own.url, 'deleteVideos', begun.ids);
    const secret = { ...PASSTHROUGH, SECRET_KEY: 'a'.repeat(32) };
    const caller = begun.start(secret);
    const second = await startInBackground(await caller.url, 'deleteVideos', begun.ids, '', CALLER);
    await eventually(() => expect(begun.deletes().length).toBeGreaterThan(5));
    for (const { child, ended } of [own, caller]) {
      child.kill('SIGKILL');
      await ended;
    }
    const sent = begun.deletes().length;

    const strangers = [
      begun.start({ ...SLOW, APIVIDEO_API_KEY: 'other-key' }),
      begun.start(SLOW, elsewhere.url),
      begun.start({ ...PASSTHROUGH, SECRET_KEY: 'b'.repeat(32) }),
    ];
    const [key, host, locked] = strangers;
    for (const stranger of [key, host])
      await eventually(() => expect(stranger?.output.stdout).toContain('another project or host'));
    await eventually(() => expect(locked?.output.stdout).toContain('this gateway cannot decrypt'));
    // They go on with an operation of their own, long after the leases have ended.
    const third = await startInBackground((await host?.url) ?? '', 'deleteVideos', begun.ids);
    await eventually(
      async () => expect((await readOperation((await host?.url) ?? '', third)).status).toBe('COMPLETED'),
      60_000,
    );
    expect(begun.deletes()).toHaveLength(sent);

    const [again, callerAgain] = [begun.start(SLOW), begun.start(secret)];
    await eventually(
      async () => expect((await readOperation(await again.url, id)).status).toBe('COMPLETED'),
      60_000,
    );
    await eventually(
      async () =>
        expect((await readOperation(await callerAgain.url, second, CALLER)).status).toBe('COMPLETED'),
      60_000,
    );
  });

  test('a gateway whose clock is ten minutes ahead neither takes over nor loses anything', async () => {
    await using begun = await begin(500);
    const gateways = [begun.start({ ...SLOW, ...CLOCK_AHEAD }), begun.start(SLOW)];
    const [ahead, right] = gateways;
    const [aheadUrl = '', rightUrl = ''] = await Promise.all(gateways.map(({ url }) => url));
    const mine = await startInBackground(aheadUrl, 'deleteVideos', begun.ids.slice(0, 250));
    const others = await startInBackground(rightUrl, 'deleteVideos', begun.ids.slice(250));
    await eventually(async () =>
      expect((await readOperation(rightUrl, others)).succeeded).toBeGreaterThan(60),
    );
    for (const gateway of gateways) expect(gateway.output.stdout).not.toContain('taken over');

    ahead?.child.kill('SIGKILL');
    for (const id of [mine, others]) {
      await eventually(
        async () => expect((await readOperation(rightUrl, id)).status).toBe('COMPLETED'),
        60_000,
      );
      const results = await readResults(rightUrl, id);
      expect(results.filter(({ alreadyRemoved }) => alreadyRemoved !== false)).toEqual([]);
    }
    expect(right?.output.stdout).toContain('taken over');
    expect(begun.deletes().length).toBeLessThanOrEqual(500 + 2);
  });

  test('a gateway that is stopped hands over to the other one long before its lease would end', async () => {
    await using begun = await begin(400);
    const first = begun.start(SLOW);
    const id = await startInBackground(await first.url, 'deleteVideos', begun.ids);
    await eventually(() => expect(begun.deletes().length).toBeGreaterThan(5));
    const url = await begun.start(SLOW).url;
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });

    const endedAt = performance.now();
    const next = await eventually(() => {
      const found = begun.deletes().find(({ at }) => at > endedAt);
      expect(found).toBeDefined();
      return found;
    });
    expect((next?.at ?? Number.POSITIVE_INFINITY) - endedAt).toBeLessThan(3_500);
    await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
    expect(await readOperation(url, id)).toMatchObject({ succeeded: 400, failed: 0 });
    expect(begun.deletes()).toHaveLength(400);
  });
});
