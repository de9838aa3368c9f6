// Clients that keep the gateway waiting on purpose, beside a good one: it is always served, and they cost a bounded memory.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { AsyncDisposableStack, DisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { createHttpServer, DEFAULT_TIMEOUTS } from '../../src/server/http-server.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { openConnection, type RawConnection, readStatuses } from '../support/raw-connection.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const PLACES = 20;
const AUTHORIZATION = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;
const HEAD = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: ${AUTHORIZATION}\r\n`;

function post(body: unknown): string {
  const text = JSON.stringify(body);
  return `${HEAD}content-length: ${text.length}\r\n\r\n${text}`;
}

/** Connections that close at the end of the test. */
function openConnections(port: number, count: number) {
  const stack = new DisposableStack();
  const opened = Array.from({ length: count }, async () => stack.use(await openConnection(port)));
  return { opened: Promise.all(opened), [Symbol.dispose]: () => stack.dispose() };
}

/** Resolves with the values of the promises that resolve first, as soon as there are so many. */
function takeFirst<T>(count: number, promises: readonly Promise<T>[]): Promise<T[]> {
  const values: T[] = [];
  return new Promise((resolve) => {
    for (const promise of promises) {
      promise.then((value) => {
        values.push(value);
        if (values.length === count) resolve(values);
      });
    }
  });
}

test.each<[string, Record<string, string>]>([
  ['AUTH=none', {}],
  ['AUTH=passthrough', { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }],
])(
  'a good client is served beside 1,000 unfinished bodies, with %s',
  async (_mode, env) => {
    const { videos, ids } = createVideos(20);
    await using started = await startListeningGateway({
      videos,
      env: { ...env, MAX_REQUESTS: String(PLACES), READ_CACHE_SECONDS: '0' },
      // A busy machine takes longer to write to them all than one of them may wait.
      patience: { ...DEFAULT_TIMEOUTS, headersMs: 100_000, requestMs: 100_000 },
    });
    const { port, send, sandbox } = started;
    using connections = openConnections(port, 1_000);
    const bad = await connections.opened;
    const deletion = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { requested } } }';
    const unfinished = post({ query: deletion, variables: { ids } }).slice(0, -1);

    const answers: Promise<{ status: number; body: string }>[] = [];
    for (const [index, connection] of bad.entries()) {
      connection.write(unfinished);
      if (index % 50 !== 49) continue;
      const query = `{ video(id: "${ids[(index - 49) / 50]}") { id } }`;
      const headers = { 'content-type': 'application/json', authorization: AUTHORIZATION };
      answers.push(send({ method: 'POST', headers, body: [JSON.stringify({ query })] }));
      await Promise.allSettled(answers);
    }

    for (const [index, answer] of (await Promise.all(answers)).entries()) {
      expect(JSON.parse(answer.body)).toEqual({ data: { video: { id: ids[index] } } });
    }
    const cut = await takeFirst(
      1_000 - PLACES,
      bad.map(({ closed }) => closed),
    );
    for (const text of cut) expect(readStatuses(text)).toEqual([408]);
    expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  },
  120_000,
);

/** About nine megabytes, which is more than sockets hold, from a request of four kilobytes and one read of api.video. */
const DESCRIPTION = 'd'.repeat(90 * 1024);
const MANY = Array.from({ length: 99 }, (_, index) => `a${index}: description`).join('\n');
const ANSWER_BYTES = 99 * DESCRIPTION.length;

test('an answer that its client does not take is kept for as long as it may wait, and no longer', async () => {
  const { videos, ids } = createVideos(1, { description: DESCRIPTION });
  await using started = await startTestGateway({ videos });
  const answerMs = 300;
  const server = createHttpServer(started.gateway.handle, { ...DEFAULT_TIMEOUTS, answerMs, checkMs: 50 });
  await using listening = await listen(server);
  const answered = once(server, 'request').then(async ([, response]) => {
    await eventually(() => expect(response.headersSent).toBe(true));
    return performance.now();
  });
  const cut = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  using connection = await openConnection(listening.port);

  connection.pause();
  connection.write(post({ query: `{ video(id: "${ids[0]}") { ${MANY} } }` }));
  const answeredAt = await answered;
  await cut;
  const keptMs = performance.now() - answeredAt;
  connection.resume();
  const text = await connection.closed;

  expect(readStatuses(text)).toEqual([200]);
  expect(text.length).toBeGreaterThan(64 * 1024);
  expect(text.length).toBeLessThan(ANSWER_BYTES);
  // Not all of it: the test notices the answer a moment after the server does.
  expect(keptMs).toBeGreaterThan(answerMs / 2);
});

test('what a deletion has done stays done though its answer is not read and its place is needed', async () => {
  const { videos, ids } = createVideos(1, { description: DESCRIPTION });
  const { logger, lines } = captureLog('info');
  await using started = await startListeningGateway({
    videos,
    logger,
    env: { MAX_REQUESTS: '1', VIDEO_RESTORE: 'on' },
  });
  const { port, send, sandbox } = started;
  using connection = await openConnection(port);
  const query = `mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { ... on VideoRemoved { video { ${MANY} } } } } }`;
  connection.pause();
  connection.write(post({ query, variables: { ids } }));
  await eventually(() => expect(lines).toContainEqual(expect.objectContaining({ type: 'mutation' })));

  await eventually(async () =>
    expect(await send({ path: '/graphql?query={__typename}' })).toMatchObject({ status: 200 }),
  );
  connection.resume();
  const text = await connection.closed;

  expect(text.length).toBeLessThan(ANSWER_BYTES);
  expect(lines.filter(({ audit }) => audit)).toMatchObject([{ videoId: ids[0], outcome: 'removed' }]);
  expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  expect(sandbox.videos()[0]?.removedAt).not.toBe(null);
});

test('unread answers fill no more than their memory, and the others are reset', async () => {
  const unread = 20;
  await using stack = new AsyncDisposableStack();
  const { videos, ids } = createVideos(1, { description: DESCRIPTION });
  const sandbox = stack.use(await startSandbox({ videos }));
  const env = { PORT: '0', APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url };
  const program = stack.use(startGatewayProcess([], { ...env, READ_CACHE_SECONDS: '60' }));
  const url = await program.url;
  const { port } = new URL(url);
  const bad: RawConnection[] = [];
  const query = `query ($id: ID!) { video(id: $id) { ${MANY} } }`;
  while (bad.length < unread) {
    const connection = stack.use(await openConnection(Number(port)));
    bad.push(connection);
    connection.pause();
    connection.write(post({ query, variables: { id: ids[0] } }));
    while ((program.output.stdout.match(/"type":"query"/g)?.length ?? 0) < bad.length) {
      await once(program.child.stdout ?? program.child, 'data');
    }
  }

  const good = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  const resident = readResidentBytes(program.child.pid);
  for (const connection of bad) connection.resume();
  // Whole answers leave their connections open.
  const most = Math.floor((128 * 1024 * 1024) / ANSWER_BYTES);
  const cut = await takeFirst(
    unread - most,
    bad.map(({ closed }) => closed),
  );

  expect(good.status).toBe(200);
  for (const text of cut) expect(text.length).toBeLessThan(ANSWER_BYTES);
  // The process itself, the bytes of the answers that wait, and texts that are not collected yet.
  expect(resident).toBeLessThan(700 * 1024 * 1024);
}, 180_000);

test('a hundred clients that take GraphiQL uncompressed, and do not read it, share one page', async () => {
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0' });
  const { origin, port } = new URL(await program.url);
  using connections = openConnections(Number(port), 100);
  const opened = await connections.opened;
  // With the page itself, and what rendering it takes, in memory.
  const page = await fetch(`${origin}/graphql`, {
    headers: { accept: 'text/html', 'accept-encoding': 'identity' },
  });
  const { length } = await page.text();
  const before = readResidentBytes(program.child.pid);
  for (const connection of opened) {
    connection.pause();
    connection.write('GET /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/html\r\n\r\n');
  }

  // Each health check comes after all of them.
  const health = await fetch(`${origin}/health`);
  const added = readResidentBytes(program.child.pid) - before;
  for (const connection of opened) connection.resume();
  await Promise.all(opened.map(({ received }) => received(/200 OK/)));

  expect(length).toBeGreaterThan(5_000_000);
  expect(health.status).toBe(200);
  expect(added).toBeLessThan(100 * 1024 * 1024);
}, 180_000);

/** 0 on systems that do not report it. */
function readResidentBytes(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
