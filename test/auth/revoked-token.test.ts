// AUTH=passthrough: how long credentials that upstream no longer accepts are shown what others of the project read.
import { describe, expect, test, vi } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** Each moves the clock of the whole file. */
const ALONE = { concurrent: false };

const KEY = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;
const LIST = { query: '{ videos { totalCount } }' };
const LISTED = { videos: { totalCount: 3 } };
const REFUSED = [{ code: 'UPSTREAM_UNAUTHORIZED' }];

async function start(env: Record<string, string> = {}) {
  const { videos, ids } = createVideos(3);
  const started = await startTestGateway({
    dialect: 'removed',
    videos,
    env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough', APIVIDEO_DIALECT: 'removed', ...env },
  });
  const { sandbox, post } = started;
  const ask = async (authorization: string, body: unknown) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', authorization };
    const { status, data, errors } = await post(body, { headers });
    return { status, data, codes: errors.map(({ extensions }) => ({ code: extensions?.code })) };
  };
  const response = await fetch(`${sandbox.url}/auth/api-key`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiKey: 'sandbox-key' }),
  });
  const bearer = `Bearer ${Object(await response.json()).access_token}`;
  const one = { query: `{ video(id: "${ids[0]}") { title } }` };
  return { ...started, ask, bearer, one };
}

/** The machine's clock, and as much as it is moved. */
function movableClock() {
  const real = performance.now.bind(performance);
  let moved = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => real() + moved);
  return {
    move: (ms: number) => {
      moved += ms;
    },
    [Symbol.dispose]: () => now.mockRestore(),
  };
}

const isList = ({ method, path, query }: SandboxRequest) =>
  method === 'GET' && path === '/videos' && query.get('pageSize') !== '1';

describe('a revoked token', ALONE, () => {
  test('is shown no page that others keep at hand, once READ_CACHE_SECONDS have passed', async () => {
    using clock = movableClock();
    await using started = await start();
    const { ask, bearer, sandbox } = started;
    expect(await ask(bearer, LIST)).toMatchObject({ status: 200, data: LISTED });
    sandbox.revokeTokens();
    clock.move(1_000);
    expect(await ask(KEY, LIST)).toMatchObject({ data: LISTED });
    sandbox.clearRequests();

    expect((await ask(bearer, LIST)).codes).toEqual(REFUSED);

    // It was there to be shown.
    expect(await ask(KEY, LIST)).toMatchObject({ data: LISTED });
    expect(sandbox.requests.map(({ status }) => status)).toEqual([401]);
    expect((await ask(bearer, { query: '{ viewer { canRead } }' })).status).toBe(401);
  });

  test('is shown one within READ_CACHE_SECONDS, and then refused', async () => {
    using clock = movableClock();
    await using started = await start({ READ_CACHE_SECONDS: '30' });
    const { ask, bearer, sandbox } = started;
    await ask(bearer, LIST);
    sandbox.revokeTokens();

    clock.move(29_000);
    expect(await ask(bearer, LIST)).toMatchObject({ data: LISTED, codes: [] });
    clock.move(1_000);
    expect((await ask(bearer, LIST)).codes).toEqual(REFUSED);
  });

  test.each(['LIST', 'one'] as const)(
    'joins no read that another has in flight (%s)',
    { timeout: 20_000 },
    async (what) => {
      using clock = movableClock();
      await using started = await start({ READ_CACHE_SECONDS: '0' });
      const { ask, bearer, sandbox, one } = started;
      const question = what === 'LIST' ? LIST : one;
      await ask(bearer, question);
      sandbox.revokeTokens();
      await ask(KEY, { query: '{ viewer { canRead } }' });
      clock.move(1_000);
      sandbox.clearRequests();
      sandbox.setFault(({ headers }) =>
        headers.authorization === bearer ? undefined : { kind: 'delay', ms: 500 },
      );

      const other = ask(KEY, question);
      await eventually(() => expect(sandbox.requests.some(({ kind }) => kind === 'read')).toBe(true));
      expect((await ask(bearer, question)).codes).toEqual(REFUSED);

      expect(await other).toMatchObject({ status: 200, codes: [] });
    },
  );
});

test('a revoked token sees nothing of a list that another walks through', ALONE, async () => {
  using clock = movableClock();
  await using started = await start({ READ_CACHE_SECONDS: '0' });
  const { ask, bearer, sandbox } = started;
  const { videos, ids } = createVideos(250);
  sandbox.addVideos(videos);
  const nodes = { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: { ids } };
  await ask(bearer, LIST);
  sandbox.revokeTokens();
  await ask(KEY, LIST);
  clock.move(1_000);
  sandbox.clearRequests();
  sandbox.setFault(({ headers }) =>
    headers.authorization === bearer ? undefined : { kind: 'delay', ms: 500 },
  );

  const other = ask(KEY, nodes);
  await eventually(() => expect(sandbox.requests.some(({ kind }) => kind === 'read')).toBe(true));
  const refused = await ask(bearer, nodes);

  expect(new Set(refused.codes.map(({ code }) => code))).toEqual(new Set(['UPSTREAM_UNAUTHORIZED']));
  expect(refused.data).toEqual({ nodes: ids.map(() => null) });
  expect(await other).toMatchObject({ status: 200, codes: [], data: { nodes: ids.map((id) => ({ id })) } });
});

test('a video that upstream fails takes nothing from others that are remembered', ALONE, async () => {
  using clock = movableClock();
  await using started = await start({ READ_CACHE_SECONDS: '0' });
  const { ask, sandbox } = started;
  const ids = ['viBad', 'viGone1', 'viGone2', 'viGone3', 'viGone4', 'viGone5'];
  const nodes = { query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: { ids } };
  await ask(KEY, nodes);
  clock.move(1_000);
  sandbox.setFault(({ videoId }) =>
    videoId === 'viBad' ? { kind: 'answer', acts: false, status: 500 } : undefined,
  );

  const { data, codes } = await ask(KEY, nodes);

  expect(codes).toEqual([]);
  expect(data).toEqual({ nodes: ids.map(() => null) });
});

test(
  'a good token that has been still for a while reads once for all that ask with it, and then shares again',
  ALONE,
  async () => {
    using clock = movableClock();
    await using started = await start();
    const { ask, bearer, sandbox } = started;
    await ask(bearer, LIST);
    clock.move(1_000);
    await ask(KEY, LIST);
    sandbox.clearRequests();

    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(bearer, LIST)));
    await ask(bearer, LIST);

    expect(answers.every(({ codes }) => codes.length === 0)).toBe(true);
    expect(sandbox.requests.filter(isList)).toHaveLength(1);
    expect(sandbox.requests).toHaveLength(1);
  },
);

test(
  'each of several credentials reads once in READ_CACHE_SECONDS, however often they poll one list',
  ALONE,
  async () => {
    using clock = movableClock();
    await using started = await start();
    const { ask, bearer, sandbox } = started;
    const poll = () =>
      Promise.all(Array.from({ length: 5 }, () => [ask(bearer, LIST), ask(KEY, LIST)]).flat());
    await poll();

    for (const _second of [1, 2, 3]) {
      clock.move(1_000);
      sandbox.clearRequests();
      await poll();
      await poll();
      expect(sandbox.requests.filter(isList)).toHaveLength(2);
    }
  },
);
