// The program where others can reach it: HOST=0.0.0.0 with AUTH=jwt and nothing else said is closed to whoever has no token,
// and tells those who have one nothing of how it is made. Asked on loopback alone, and ended with each test.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { createToken, ISSUER, key, SECRET } from '../support/issue-jwt.ts';
import { startSandbox } from '../support/sandbox.ts';
import type { ClientError } from '../support/test-gateway.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

type Answer = { readonly data?: unknown; readonly errors?: readonly ClientError[] };

async function start() {
  await using stack = new AsyncDisposableStack();
  const { videos, ids } = createVideos(2);
  const sandbox = stack.use(await startSandbox({ videos }));
  const gateway = startGatewayProcess([], {
    HOST: '0.0.0.0',
    PORT: '0',
    AUTH: 'jwt',
    JWT_SECRET: SECRET,
    JWT_ISSUER: ISSUER,
    JWT_AUDIENCE: 'videos',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });
  stack.use(gateway);
  const origin = `http://127.0.0.1:${new URL(await gateway.url).port}`;
  const token = await createToken({ scope: 'videos:read videos:delete' }).sign(key(SECRET));
  const authorization = `Bearer ${token}`;
  const ask = async (query: string, variables: unknown = {}): Promise<Answer> => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { ...json, authorization },
      body: JSON.stringify({ query, variables }),
    });
    return JSON.parse(await response.text());
  };
  const started = stack.move();
  return {
    sandbox,
    ids,
    authorization,
    ask,
    get: (path: string, headers = {}) => fetch(origin + path, { headers }),
    origin,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

test('without a token every request is answered 401, whatever it is, and nothing is sent', async () => {
  await using started = await start();
  const { sandbox, ids, origin } = started;
  const mutation = `mutation { deleteVideos(ids: ["${ids[0]}"]) { summary { succeeded } } }`;
  const query = encodeURIComponent('{ videos { totalCount } }');

  const answers = await Promise.all(
    [
      { method: 'POST', headers: json, body: JSON.stringify({ query: mutation }) },
      { method: 'POST', headers: json, body: JSON.stringify({ query: '{ __typename }' }) },
      { method: 'POST', headers: json, body: '{' },
      { method: 'POST', headers: { ...json, authorization: 'Basic c2FuZGJveC1rZXk6' }, body: '{}' },
      { method: 'POST', body: new URLSearchParams({ query: mutation }) },
      { headers: json, path: `?query=${query}` },
      { headers: browser },
      { headers: browser, path: `?query=${query}` },
    ].map(async ({ path = '', ...init }) => {
      const response = await fetch(`${origin}/graphql${path}`, init);
      const answer: Answer = JSON.parse(await response.text());
      return [response.status, answer.data, answer.errors?.map(({ extensions }) => extensions)];
    }),
  );

  expect(answers).toEqual(answers.map(() => [401, undefined, [{ code: 'UNAUTHENTICATED' }]]));
  expect(sandbox.requests).toEqual([]);
});

describe('with a token', () => {
  test('what it allows is done', async () => {
    await using started = await start();
    const { ask, sandbox, ids } = started;

    const { data } = await ask(
      'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }',
      { ids: ids.slice(0, 1) },
    );

    expect(data).toEqual({ deleteVideos: { results: [{ __typename: 'VideoRemoved' }] } });
    expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'live']);
  });

  test('the schema is not told', async () => {
    await using started = await start();
    const { ask } = started;

    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Video") { name } }']) {
      const { data, errors } = await ask(query);
      expect(data).toBeUndefined();
      expect(errors?.[0]?.message).toContain('introspection has been disabled');
    }
  });

  test('no name is suggested for one that is nearly right', async () => {
    await using started = await start();
    const { ask, sandbox } = started;
    const order = 'query ($orderBy: VideoOrder) { videos(orderBy: $orderBy) { totalCount } }';

    const answers = [
      await ask('{ video(id: "viA") { titel } }'),
      await ask('{ videos(frist: 1) { totalCount } }'),
      await ask('query ($filter: VideoFiltre) { videos(filter: $filter) { totalCount } }'),
      await ask('{ videos(orderBy: { field: CREATED }) { totalCount } }'),
      await ask(order, { orderBy: { field: 'CREATED' } }),
      await ask(order, { orderBy: { fields: 'CREATED_AT' } }),
    ];

    for (const answer of answers) {
      expect(answer.errors).not.toHaveLength(0);
      expect(JSON.stringify(answer)).not.toMatch(/did you mean/i);
    }
    expect(sandbox.requests).toEqual([]);
  });
});

test('a browser is given no page but the front page, with a token or without', async () => {
  await using started = await start();
  const { get, authorization } = started;

  for (const headers of [browser, { ...browser, authorization }]) {
    for (const path of ['/graphql', '/graphql/', '/graphiql', '/nowhere']) {
      const response = await get(path, headers);
      expect(response.status, path).toBeGreaterThanOrEqual(400);
      expect(response.headers.get('content-type') ?? '').not.toContain('html');
      expect(await response.text()).not.toContain('<');
    }
    const front = await get('/', headers);
    expect(front.status).toBe(200);
    expect(await front.text()).not.toMatch(/<script|version|upstream|metrics/i);
  }
});

test('a supervisor is answered, and nobody has the metrics', async () => {
  await using started = await start();
  const { get, authorization, sandbox } = started;

  for (const headers of [{}, { authorization }]) {
    expect((await get('/health', headers)).status).toBe(200);
    const ready = await get('/ready', headers);
    expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready' }]);
    const metrics = await get('/metrics', headers);
    expect(metrics.status).toBe(404);
    expect(await metrics.text()).not.toContain('apivideo_graphql');
  }
  expect(sandbox.requests).toEqual([]);
});
