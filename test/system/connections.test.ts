// Connections between a proxy and the gateway: idle ones, and those of a gateway that stops.
import { Agent } from 'node:https';
import { setTimeout as delay, setInterval as interval } from 'node:timers/promises';
import { DisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startBehindProxy } from './behind-proxy.ts';

const QUERY = '{ videos(first: 1) { totalCount } }';
const DELETION =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId ... on VideoFailure { code message } } } }';

test.each([
  // Shorter times than the documented ones, in the same order.
  ['nginx', [['keepalive_timeout 60s', 'keepalive_timeout 1s']], '3'],
  ['haproxy', [], '15'],
] as const)(
  '%s closes idle connections before the gateway does, and no request around that moment fails',
  async (proxy, edits, keepAliveSeconds) => {
    await using started = await startBehindProxy(proxy, {
      sandbox: { videos: createVideos(1).videos },
      edits,
      env: { KEEP_ALIVE_SECONDS: keepAliveSeconds },
    });
    const { post, connections } = started;
    using agents = new DisposableStack();

    const pauses = [600, 1400, 800, 1200];
    const clients = pauses.map(async (_pause, first) => {
      const agent = agents.adopt(new Agent({ keepAlive: true, maxSockets: 1 }), (each) => each.destroy());
      for (const [index] of pauses.entries()) {
        const { status } = await post(QUERY, {}, { agent });
        expect(status).toBe(200);
        await delay(pauses[(first + index) % pauses.length]);
      }
    });
    await Promise.all(clients);
    agents.dispose();

    await eventually(() => {
      for (const { closedBy } of connections()) expect(closedBy).toBe('proxy');
    });
    const requests = connections().flatMap((connection) => connection.requests);
    expect(requests).toHaveLength(16);
    expect(connections().length, 'connections are used again').toBeLessThan(16);
  },
);

test('a stop with DRAIN_DELAY_SECONDS loses no request behind the health check of HAProxy', async () => {
  const { videos, ids } = createVideos(200);
  await using started = await startBehindProxy('haproxy', { sandbox: { videos } });
  const { post, gateways, relays, sandbox } = started;
  const [stopping] = gateways;
  const countRequests = () =>
    relays.map(
      ({ connections }) =>
        connections.flatMap(({ requests }) => requests).filter((line) => line.startsWith('POST')).length,
    );
  using agents = new DisposableStack();
  const agent = agents.adopt(new Agent({ keepAlive: true, maxSockets: 4 }), (each) => each.destroy());

  let isStopped = false;
  void stopping?.ended.then(() => {
    isStopped = true;
  });
  const answers: ReturnType<typeof post>[] = [];
  const sent: string[] = [];
  for await (const _tick of interval(100)) {
    const id = ids[sent.length] ?? '';
    sent.push(id);
    answers.push(post(DELETION, { ids: [id] }, sent.length % 2 === 0 ? { agent } : {}));
    if (sent.length === 10) stopping?.child.kill('SIGTERM');
    if (isStopped) break;
  }

  for (const [index, { status, body }] of (await Promise.all(answers)).entries()) {
    expect(status, body).toBe(200);
    const results = [{ __typename: 'VideoRemoved', videoId: sent[index] }];
    expect(JSON.parse(body)).toEqual({ data: { deleteVideos: { results } } });
  }
  const deleted = sandbox.requests.filter(({ method }) => method === 'DELETE').map(({ videoId }) => videoId);
  expect(deleted.toSorted()).toEqual(sent.toSorted());
  expect(await stopping?.ended).toEqual({ code: 0, signal: null });
  expect(sent.length, 'requests while it drained').toBeGreaterThan(20);
  const [ofStopped = 0, ofOther = 0] = countRequests();
  expect(ofStopped).toBeGreaterThan(0);
  expect(ofOther).toBeGreaterThan(ofStopped);
});

test('nginx without buffering of requests: a chunked body that the gateway refuses harms no other client', async () => {
  await using started = await startBehindProxy('nginx', {
    sandbox: { videos: createVideos(1).videos },
    env: { MAX_BACKGROUND_IDS: '1000' },
    edits: [['proxy_http_version 1.1;', 'proxy_http_version 1.1;\n        proxy_request_buffering off;']],
  });
  const { post } = started;
  const body = Array.from({ length: 28 }, () => Buffer.alloc(64 * 1024, ' '));

  for (let round = 0; round < 5; round += 1) {
    const { status } = await post('', {}, { body });
    expect(status).toBe(413);
    const others = await Promise.all([1, 2, 3].map(() => post(QUERY)));
    expect(others.map((each) => each.status)).toEqual([200, 200, 200]);
  }
});
