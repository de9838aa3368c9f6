// SIGTERM while upstream is asked who callers are (AUTH=passthrough), and never says, or wants to be asked later: before
// their projects are known there is nothing else that could end their wait.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
const readKey = ({ body }: SandboxRequest): unknown => Object(body).apiKey;

async function start() {
  const { videos, ids } = createVideos(1);
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox({ videos, apiKey: 'key-of-none' }));
  sandbox.addProject({ apiKey: 'key-of-token', projectId: 'prToken' });
  sandbox.addProject({ apiKey: 'key-of-late', projectId: 'prLate' });
  const response = await fetch(`${sandbox.url}/auth/api-key`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiKey: 'key-of-token' }),
  });
  const token: string = Object(await response.json()).access_token;
  sandbox.clearRequests();
  const gateway = startGatewayProcess([], {
    PORT: '0',
    AUTH: 'passthrough',
    APIVIDEO_BASE_URL: sandbox.url,
    // Far longer than a process has from its signal to its end.
    UPSTREAM_TIMEOUT_MS: '60000',
  });
  stack.use(gateway);
  const url = await gateway.url;
  const ask = async (authorization: string, query: string): Promise<unknown> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query }),
    });
    return answer.json();
  };
  const started = stack.move();
  return { ...gateway, sandbox, ids, token, ask, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

test('answers each of them, asks nobody again, and exits 0 in time', { timeout: 60_000 }, async () => {
  await using started = await start();
  const { sandbox, child, ended, ids, token, ask } = started;
  const { promise: underWay, resolve } = Promise.withResolvers<void>();
  sandbox.setFault((request) => {
    if (sandbox.requests.length === 3) resolve();
    // This one is known before the end, and then the read of its project hangs as well.
    if (readKey(request) === 'key-of-late') return { kind: 'delay', ms: 3_000 };
    return { kind: 'hang', acts: false };
  });
  const asking = [
    ask(basic('key-of-none'), `mutation { deleteVideos(ids: ["${ids[0]}"]) { summary { succeeded } } }`),
    ask(`Bearer ${token}`, '{ videos { totalCount } }'),
    ask(basic('key-of-late'), '{ videos { totalCount } }'),
  ];
  await underWay;

  const signalledAt = performance.now();
  child.kill('SIGTERM');
  const [written, read, late] = await Promise.all(asking);

  const errors = [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }];
  expect(written).toMatchObject({ errors });
  expect(read).toMatchObject({ errors });
  expect(late).toMatchObject({ data: { videos: null }, errors });
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - signalledAt).toBeLessThan(10_000);
  expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
    'GET /videos',
    'GET /videos',
    'POST /auth/api-key',
    'POST /auth/api-key',
  ]);
  expect(ids.map((id) => sandbox.state(id))).toEqual(['live']);
});

test('answers whoever waits for the budget to be asked about, and exits 0 in time', {
  timeout: 60_000,
}, async () => {
  await using started = await start();
  const { sandbox, child, ended, token, ask } = started;
  const { promise: limited, resolve } = Promise.withResolvers<void>();
  sandbox.setFault(() => {
    resolve();
    return { kind: 'answer', acts: false, status: 429, headers: { 'X-RateLimit-Retry-After': '15' } };
  });
  const asking = [1, 2].map(() => ask(`Bearer ${token}`, '{ videos { totalCount } }'));
  await limited;

  const signalledAt = performance.now();
  child.kill('SIGTERM');

  const cancelled = { errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] };
  expect(await Promise.all(asking)).toMatchObject([cancelled, cancelled]);
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - signalledAt).toBeLessThan(10_000);
  expect(sandbox.requests.map(({ status }) => status)).toEqual([429]);
});

test('writes nothing for whoever is known only after the signal', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({
    videos,
    env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough', VIDEO_RESTORE: 'on' },
  });
  const { sandbox, gateway, post } = started;
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  sandbox.setFault((request) => {
    if (readKey(request) === undefined) return undefined;
    resolve();
    return { kind: 'delay', ms: 200 };
  });
  const query =
    'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { ... on VideoFailure { code } } } }';
  const headers = { 'content-type': 'application/json', authorization: basic('sandbox-key') };
  const answering = post({ query, variables: { ids } }, { headers });
  await asked;

  gateway.drain();

  const results = ids.map(() => ({ code: 'NOT_ATTEMPTED' }));
  expect(await answering).toMatchObject({ data: { deleteVideos: { results } }, errors: [] });
  expect(sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
  expect(ids.map((id) => sandbox.state(id))).toEqual(['live', 'live']);
});
