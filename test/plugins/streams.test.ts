// Subscriptions at the gateway's socket: who may open a stream, what it sends, and when it ends.
import { once } from 'node:events';
import { mkdtempDisposableSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { type ListeningGateway, startListeningGateway } from '../support/listening-gateway.ts';
import { KEPT } from '../support/operation-calls.ts';
import { readStream } from '../support/read-stream.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startOperation } from '../support/start-operation.ts';

const FOLLOW = 'subscription Follow($id: ID!) { operation(id: $id) { status succeeded finishedAt } }';

/** A gateway with an operation that goes on for longer than any test: its project may write five times a minute. */
async function startFollowed(options: Parameters<typeof startListeningGateway>[0] = {}) {
  const { videos, ids } = createVideos(20);
  const env = { VIDEO_RESTORE: 'on', METRICS: 'on', ...options.env };
  const limits = { reads: 500, writes: 5 };
  const started = await startListeningGateway({ ...KEPT, videos, limits, ...options, env });
  return { ...started, ids };
}

const follow = (origin: string, id: string, headers: Record<string, string> = {}, query = FOLLOW) =>
  readStream(fetch, origin, { query, variables: { id } }, headers);

async function countOpen({ gateway }: ListeningGateway): Promise<number> {
  const text = await (await gateway.fetch('http://127.0.0.1/metrics')).text();
  return Number(/^apivideo_graphql_open_streams (\d+)$/m.exec(text)?.[1]);
}

test('an operation is followed from its state now to its end, with headers that let nobody hold events back', async () => {
  const { videos, ids } = createVideos(8);
  const { logger, lines } = captureLog('info');
  await using started = await startListeningGateway({
    ...KEPT,
    videos,
    logger,
    env: { VIDEO_RESTORE: 'on' },
  });
  const id = await startOperation(started.post, ids);
  const stream = await follow(started.origin, id);
  expect(Object.fromEntries(stream.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  const seen: unknown[] = [];
  for (let step = await stream.next(); step; step = await stream.next()) seen.push(step);
  expect(seen.at(-1)).toEqual({ event: 'complete', data: undefined });
  expect(seen.at(-2)).toMatchObject({ data: { data: { operation: { status: 'COMPLETED', succeeded: 8 } } } });
  await eventually(() =>
    expect(lines.find(({ type }) => type === 'subscription')).toMatchObject({
      operation: 'Follow',
      status: 'ok',
      events: seen.length - 1,
    }),
  );
});

test("Apollo's multipart protocol: parts with a payload, and a closing boundary", async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startListeningGateway({ ...KEPT, videos, env: { VIDEO_RESTORE: 'on' } });
  const id = await startOperation(started.post, ids);
  const answer = await started.send({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json',
    },
    body: [JSON.stringify({ query: FOLLOW, variables: { id } })],
  });
  expect(answer.headers['content-type']).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  const [head, ...parts] = answer.body.split('\r\n--graphql');
  expect(head).toBe('');
  expect(parts.at(-1)).toBe('--\r\n');
  // On a busy machine, a heartbeat may come between.
  const payloads = parts.slice(0, -1).filter((each) => !each.endsWith('\r\n\r\n{}'));
  for (const part of payloads)
    expect(part).toMatch(/^\r\ncontent-type: application\/json\r\n\r\n\{"payload":\{"data":/);
  expect(payloads.at(-1)).toContain('"status":"COMPLETED"');
});

test('a client that takes no stream gets 406, and follows nothing', async () => {
  await using started = await startFollowed();
  const id = await startOperation(started.post, started.ids);
  for (const accept of ['application/json', 'multipart/mixed', 'application/graphql-response+json'])
    expect(await follow(started.origin, id, { accept })).toMatchObject({ status: 406 });
  expect(await countOpen(started)).toBe(0);
});

test.each<readonly [string, string]>([
  ['a skipped field', 'subscription ($id: ID!) { operation(id: $id) @skip(if: true) { pending } }'],
  [
    'a fragment that is not included',
    'subscription ($id: ID!) { ...F @include(if: false) } fragment F on Subscription { operation(id: $id) { pending } }',
  ],
  [
    'a fragment without a field',
    `subscription ($id: ID!) { ... { ...F } }
    fragment F on Subscription { operation(id: $id) @include(if: false) { pending } }`,
  ],
])('a subscription that selects nothing is refused: %s', async (_name, query) => {
  await using started = await startListeningGateway(KEPT);
  const stream = await follow(started.origin, 'op_0000000000000000000000', {}, query);
  expect(stream.status).toBe(400);
  expect(await stream.next()).toMatchObject({
    data: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  });
  expect(await countOpen(started)).toBe(0);
});

test('an operation that is not there is OPERATION_NOT_FOUND', async () => {
  await using started = await startFollowed();
  const stream = await follow(started.origin, 'op_0000000000000000000000');
  const { data } = (await stream.next()) ?? {};
  expect(data).toMatchObject({ errors: [{ extensions: { code: 'OPERATION_NOT_FOUND' } }] });
  expect(await stream.next()).toMatchObject({ event: 'complete' });
  expect(await countOpen(started)).toBe(0);
});

test('half of the places are for streams, and a client that leaves gives its own back', async () => {
  await using started = await startFollowed({ env: { MAX_REQUESTS: '4' } });
  const id = await startOperation(started.post, started.ids);
  const open = await Promise.all([follow(started.origin, id), follow(started.origin, id)]);
  for (const stream of open) expect(await stream.next()).toMatchObject({ event: 'next' });
  expect(await countOpen(started)).toBe(2);

  const refused = await follow(started.origin, id);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'OVERLOADED' } }] } });
  expect(await started.post({ query: '{ viewer { maxIds } }' })).toMatchObject({ status: 200 });

  for (const stream of open) await stream.leave();
  await eventually(async () => expect(await countOpen(started)).toBe(0));
  const again = await follow(started.origin, id);
  expect(again.status).toBe(200);
  await again.leave();
});

test('a stream without a socket keeps its place until its reader leaves', async () => {
  await using started = await startFollowed({ env: { MAX_REQUESTS: '2' } });
  const id = await startOperation(started.post, started.ids);
  const body = { query: FOLLOW, variables: { id } };
  const stream = await readStream(started.gateway.fetch, 'http://127.0.0.1', body);
  expect(await stream.next()).toMatchObject({ event: 'next' });
  expect((await readStream(started.gateway.fetch, 'http://127.0.0.1', body)).status).toBe(503);
  await stream.leave();
  await eventually(async () => expect(await countOpen(started)).toBe(0));
});

test('a client that leaves in the middle of its request leaves no stream', async () => {
  await using started = await startFollowed();
  const id = await startOperation(started.post, started.ids);
  const body = JSON.stringify({ query: FOLLOW, variables: { id } });
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  for (let i = 0; i < 20; i += 1) {
    const socket = connect(started.port, '127.0.0.1');
    await once(socket, 'connect');
    await new Promise((resolve) => socket.write(head + body, resolve));
    socket.destroy();
  }
  await eventually(async () => expect(await countOpen(started)).toBe(0));
});

test('a drain completes open streams, and begins no more', async () => {
  await using started = await startFollowed();
  const id = await startOperation(started.post, started.ids);
  const stream = await follow(started.origin, id);
  expect(await stream.next()).toMatchObject({ event: 'next' });
  started.gateway.drain();
  let step = await stream.next();
  while (step?.event === 'next') step = await stream.next();
  expect(step).toEqual({ event: 'complete', data: undefined });
  expect(await stream.next()).toBeUndefined();
  expect(await follow(started.origin, id)).toMatchObject({ status: 503 });
});

test('SIGTERM with an open stream and nothing in flight ends the process at once, not when connections are cut', async () => {
  const { videos, ids } = createVideos(1);
  using folder = mkdtempDisposableSync(join(tmpdir(), 'streams-'));
  await using sandbox = await startSandbox({ videos });
  await using started = startGatewayProcess([], {
    PORT: '0',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    VIDEO_RESTORE: 'on',
    MAX_REQUESTS: '10',
    DATA_DIR: folder.path,
  });
  const origin = new URL(await started.url).origin;
  const post = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
    const { data, errors = [] } = JSON.parse(await answer.text());
    return { data, errors };
  };
  await startOperation(post, ids);
  const all = await readStream(fetch, origin, { query: 'subscription { operations { id status } }' });
  expect(await all.next()).toMatchObject({ event: 'next' });
  await eventually(async () =>
    expect((await post({ query: '{ operations(unfinished: true) { totalCount } }' })).data).toEqual({
      operations: { totalCount: 0 },
    }),
  );
  const begunAt = performance.now();
  started.child.kill('SIGTERM');
  let step = await all.next();
  while (step?.event === 'next') step = await all.next();
  expect(step).toMatchObject({ event: 'complete' });
  expect(await started.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - begunAt).toBeLessThan(5000);
});

test('a document with a field whose scope the token lacks is refused as a whole, also in a fragment', async () => {
  await using started = await startFollowed({ env: { ...JWT, JWT_SECRET: SECRET }, dialect: 'removed' });
  const sign = async (scope: string) => `Bearer ${await createToken({ scope }).sign(key(SECRET))}`;
  const headers = { 'content-type': 'application/json', authorization: await sign('videos:delete') };
  const id = await startOperation(started.post, started.ids, { headers });
  const query = (condition: string) => `subscription ($id: ID!, $all: Boolean = false) {
      operation(id: $id) { id results { nodes { ...Result } } }
    }
    fragment Result on VideoResult { videoId ... on VideoRemoved { video { id assets { mp4 } title ${condition} } } }`;
  const authorization = headers.authorization;
  const refused = await follow(started.origin, id, { authorization }, query('@skip(if: $all)'));
  expect(await refused.next()).toMatchObject({
    data: {
      errors: [{ message: expect.stringContaining('Video.title'), extensions: { code: 'FORBIDDEN' } }],
    },
  });
  expect(await refused.next()).toMatchObject({ event: 'complete' });
  const allowed = await follow(started.origin, id, { authorization }, query('@include(if: $all)'));
  expect((await allowed.next())?.data).toMatchObject({ data: { operation: { id } } });
  await allowed.leave();
});

test('a stream ends with UNAUTHENTICATED when its token expires', async () => {
  await using started = await startFollowed({ env: { ...JWT, JWT_SECRET: SECRET }, dialect: 'removed' });
  const authorization = `Bearer ${await createToken({ scope: 'videos:delete' }).setExpirationTime('3s').sign(key(SECRET))}`;
  const headers = { 'content-type': 'application/json', authorization };
  const id = await startOperation(started.post, started.ids, { headers });
  const stream = await follow(started.origin, id, { authorization });
  const seen: unknown[] = [];
  for (let step = await stream.next(); step; step = await stream.next()) seen.push(step);
  expect(seen.at(-2)).toMatchObject({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  expect(seen.at(-1)).toMatchObject({ event: 'complete' });
});

test('an operation of somebody else is not found', async () => {
  await using started = await startFollowed({ env: { ...JWT, JWT_SECRET: SECRET }, dialect: 'removed' });
  const sign = async (name: string) =>
    `Bearer ${await createToken({ scope: 'videos:delete' }).setSubject(name).sign(key(SECRET))}`;
  const headers = { 'content-type': 'application/json', authorization: await sign('ann') };
  const id = await startOperation(started.post, started.ids, { headers });
  const stream = await follow(started.origin, id, { authorization: await sign('bob') });
  expect((await stream.next())?.data).toMatchObject({
    errors: [{ extensions: { code: 'OPERATION_NOT_FOUND' } }],
  });
});
