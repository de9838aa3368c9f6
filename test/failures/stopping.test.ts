// Row 34: SIGTERM in the middle of a batch, or of a wait, to the program as a process.

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { DisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startSandbox } from '../support/sandbox.ts';

const SLOW = 60_000;
const CONCURRENCY = 5;

type Field = 'deleteVideos' | 'restoreVideos';

const MUTATIONS: Record<Field, string> = {
  deleteVideos:
    'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { ifPermanent: ALLOW }) { results { __typename videoId ... on VideoFailure { code retryable } } } }',
  restoreVideos:
    'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename videoId ... on VideoFailure { code retryable } } } }',
};

test.each<[Field, 'DELETE' | 'PATCH']>([
  ['deleteVideos', 'DELETE'],
  ['restoreVideos', 'PATCH'],
])(
  'answers a %s over a kept-alive connection with what was sent, the rest as NOT_ATTEMPTED, and exits 0 in time',
  { timeout: SLOW },
  async (field, method) => {
    const { videos, ids } = field === 'deleteVideos' ? createVideos(60) : createRemovedVideos(60);
    await using sandbox = await startSandbox({ videos, latencyMs: 150 });
    await using gateway = startGatewayProcess([], {
      PORT: '0',
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: sandbox.url,
      UPSTREAM_CONCURRENCY: String(CONCURRENCY),
    });
    const { child, ended, output } = gateway;
    const url = await gateway.url;
    using agents = new DisposableStack();
    const agent = agents.adopt(new Agent({ keepAlive: true, maxSockets: 2 }), (each) => each.destroy());
    // One connection stays open without a request, the other has the batch as its second one.
    await Promise.all([send(agent, new URL('/health', url)), send(agent, new URL('/health', url))]);
    const before = rememberStates(sandbox, ids);
    const { promise: underWay, resolve } = Promise.withResolvers<void>();
    const isWrite = (each: { method: string; videoId: string | undefined }) =>
      each.method === method && each.videoId !== undefined;
    sandbox.setFault(() => {
      if (sandbox.requests.filter(isWrite).length >= 3 * CONCURRENCY) resolve();
      return undefined;
    });
    const answering = send(agent, new URL(url), { query: MUTATIONS[field], variables: { ids } });
    await underWay;

    const signalledAt = performance.now();
    child.kill('SIGTERM');
    const { body, connection } = await answering;

    const { data }: { data: Record<Field, Parameters<typeof assertTrue>[2]> } = JSON.parse(body);
    const told = assertTrue(sandbox, before, data[field]);
    const done = field === 'deleteVideos' ? 'VideoRemoved' : 'VideoRestored';
    const written = new Set(sandbox.requests.filter(isWrite).map(({ videoId }) => videoId));
    expect(told).toEqual(ids.map((id) => (written.has(id) ? done : 'NOT_ATTEMPTED')));
    expect(written.size).toBeGreaterThanOrEqual(3 * CONCURRENCY);
    expect(written.size).toBeLessThanOrEqual(5 * CONCURRENCY);
    expect(connection).toBe('close');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(10_000);
    const audited = output.stdout.split('\n').filter((line) => line.includes('"audit":true'));
    expect(audited).toHaveLength(ids.length);
  },
);

test('answers a query that waits for a spent budget, sends nothing for it, and exits 0 in time', {
  timeout: SLOW,
}, async () => {
  await using sandbox = await startSandbox({
    videos: createVideos(3).videos,
    limits: { reads: 1, writes: 40 },
    windowMs: 15_000,
  });
  await using gateway = startGatewayProcess([], {
    PORT: '0',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    READ_CACHE_SECONDS: '0',
  });
  const { child, ended } = gateway;
  const url = new URL(await gateway.url);
  using agents = new DisposableStack();
  const agent = agents.adopt(new Agent({ keepAlive: true }), (each) => each.destroy());
  const query = { query: '{ videos(first: 1) { totalCount } }' };
  const waiting = new URL('/ready', url);
  await send(agent, url, query);
  sandbox.clearRequests();
  const answering = send(agent, url, query);
  await eventually(async () => {
    const { upstream } = JSON.parse((await send(agent, waiting)).body);
    expect(upstream.waiting).toBe(1);
  });

  const signalledAt = performance.now();
  child.kill('SIGTERM');
  const { data, errors } = JSON.parse((await answering).body);

  expect(data).toEqual({ videos: null });
  expect(errors[0].extensions.code).toBe('UPSTREAM_UNAVAILABLE');
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - signalledAt).toBeLessThan(10_000);
  expect(sandbox.requests).toEqual([]);
});

async function send(agent: Agent, url: URL, json?: unknown): Promise<{ body: string; connection?: string }> {
  const method = json === undefined ? 'GET' : 'POST';
  const message = request(url, { agent, method, headers: { 'content-type': 'application/json' } });
  message.end(json === undefined ? undefined : JSON.stringify(json));
  const [response] = await once(message, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { body, connection: response.headers.connection };
}
