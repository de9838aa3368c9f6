// Whole answers are compressed for clients that take them so. All that is compared here are bytes on the wire.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createNodeHandler } from '../../src/node-handler.ts';
import { takesGzip } from '../../src/plugins/compression.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { openConnection } from '../support/raw-connection.ts';

type Answer = {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** Nothing is decompressed, and no header is added. */
async function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  const message = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  message.end(body);
  const [response] = await once(message, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const MANY = `/graphql?query=${encodeURIComponent('{ videos(first: 100) { nodes { id title description createdAt tags } } }')}`;
const JSON_TYPE = { accept: 'application/json' };
const GZIP = { ...JSON_TYPE, 'accept-encoding': 'gzip, deflate, br, zstd' };

test('a long answer is sent compressed to a client that takes it so, and is the same answer', async () => {
  await using started = await startListeningGateway(createVideos(100));
  const { port } = started;

  const plain = await ask(port, MANY, JSON_TYPE);
  const compressed = await ask(port, MANY, GZIP);

  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect(compressed.headers).toMatchObject({
    'content-encoding': 'gzip',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(compressed.body.length),
  });
  expect(compressed.headers).not.toHaveProperty('transfer-encoding');
  expect(gunzipSync(compressed.body).equals(plain.body)).toBe(true);
  expect(compressed.body.length).toBeLessThan(plain.body.length / 3);
  // Caches must keep the two apart, whichever they have seen first.
  for (const { headers } of [plain, compressed]) expect(headers.vary).toBe('accept-encoding');
});

test.each([
  [undefined, false],
  ['', false],
  ['identity', false],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip;q=0.0, br', false],
  ['*;q=0', false],
  ['gzip;q=0.5, identity;q=1', false],
  ['gzipped', false],
  ['gzip', true],
  ['GZIP', true],
  ['gzip;q=0.001', true],
  ['br;q=1, gzip; q=0.8', true],
  ['gzip;q=0, gzip;q=0', false],
  ['*', true],
  ['identity;q=0, *', true],
  ['br, *;q=0.1', true],
  [`${'x,'.repeat(7_000)}gzip`, true],
  [',;=q', false],
])('Accept-Encoding %j takes gzip: %j', (header, expected) => {
  expect(takesGzip(header)).toBe(expected);
});

test.each([
  ['a short answer', '/graphql?query={__typename}', {}],
  ['/ready', '/ready', {}],
  ['a stream of events', MANY, { accept: 'text/event-stream' }],
  ['an answer in parts', MANY, { accept: 'multipart/mixed' }],
])('%s is not compressed', async (_name, path, headers) => {
  await using started = await startListeningGateway(createVideos(100));

  const answer = await ask(started.port, path, { ...GZIP, ...headers });

  expect(answer.status).toBe(200);
  expect(answer.headers['content-encoding']).not.toBe('gzip');
  expect(answer.body.toString()).toMatch(/data|ready/);
});

test('what is longer than a few KB is compressed wherever it comes from', async () => {
  await using started = await startListeningGateway();
  const { port, send } = started;

  const metrics = await ask(port, '/metrics', GZIP);
  expect(metrics.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': /^text\/plain/ });
  expect(gunzipSync(metrics.body).toString()).toContain('# TYPE apivideo_graphql_');

  const many = Array.from({ length: 20 }, (_, at) => `a${at}: ${'nothing'.repeat(30)}`).join(' ');
  const refused = await ask(
    port,
    '/graphql',
    { ...GZIP, 'content-type': 'application/json' },
    { method: 'POST', body: JSON.stringify({ query: `{ ${many} }` }) },
  );
  expect([refused.status, refused.headers['content-encoding']]).toEqual([200, 'gzip']);
  expect(JSON.parse(gunzipSync(refused.body).toString()).errors).toHaveLength(20);
  expect((await send({ path: '/graphql?query={__typename}' })).headers).not.toHaveProperty('vary');
});

test('GraphiQL keeps its own compression, which is made once', async () => {
  await using started = await startListeningGateway();
  const { port } = started;
  const html = { accept: 'text/html' };

  const [first, second, refused] = await Promise.all([
    ask(port, '/graphql', { ...html, 'accept-encoding': 'gzip' }),
    ask(port, '/graphql', { ...html, 'accept-encoding': 'br, *' }),
    ask(port, '/graphql', { ...html, 'accept-encoding': 'gzip;q=0' }),
  ]);

  expect(first.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(second.body.equals(first.body)).toBe(true);
  expect(refused.headers).not.toHaveProperty('content-encoding');
  expect(gunzipSync(first.body).equals(refused.body)).toBe(true);
  const known = { ...html, 'accept-encoding': 'gzip', 'if-none-match': String(first.headers.etag) };
  const unchanged = await ask(port, '/graphql', known);
  expect([unchanged.status, unchanged.body.length]).toEqual([304, 0]);
  expect(unchanged.headers).not.toHaveProperty('content-encoding');
});

test('an answer without a socket is not compressed', async () => {
  await using started = await startListeningGateway(createVideos(100));

  const response = await started.gateway.fetch(`http://127.0.0.1${MANY}`, { headers: GZIP });

  expect(response.headers.get('content-encoding')).toBe(null);
  expect(JSON.parse(await response.text()).data.videos.nodes).toHaveLength(100);
});

describe('an answer of eight megabytes', () => {
  /** Not all the same, but easy to compress. */
  const TEXT = JSON.stringify(Array.from({ length: 100_000 }, (_, at) => `${'d'.repeat(70)} ${at}`));

  /** A server whose answer comes once the test lets it. Its place notes what the gateway keeps for the client. */
  async function start() {
    const { logger, lines } = captureLog('warn');
    const waits: number[] = [];
    const answering = Promise.withResolvers<void>();
    const handler = createNodeHandler(async (_request, _response, context) => {
      const wait = (bytes: number) => void waits.push(bytes);
      context.place = { wait, proceed: () => {}, leave: () => {} };
      await answering.promise;
      return new Response(TEXT, {
        headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(TEXT)) },
      });
    }, logger);
    const server = createServer(handler);
    const listening = await listen(server);
    return {
      ...listening,
      server,
      waits,
      lines,
      letAnswer: () => answering.resolve(),
    };
  }

  test('costs its compressed bytes while its client does not take it', async () => {
    await using started = await start();
    started.letAnswer();

    const { body } = await ask(started.port, '/', GZIP);

    expect(gunzipSync(body).toString()).toBe(TEXT);
    expect(body.length).toBeLessThan(TEXT.length / 5);
    expect(started.waits.length).toBeGreaterThan(0);
    expect(Math.max(...started.waits)).toBeLessThanOrEqual(body.length);
  });

  test('is no fault if its client leaves before it is compressed', async () => {
    await using started = await start();
    const asked = once(started.server, 'request');
    using connection = await openConnection(started.port);
    connection.write('GET / HTTP/1.1\r\nhost: 127.0.0.1\r\naccept-encoding: gzip\r\n\r\n');
    const [, response] = await asked;

    connection[Symbol.dispose]();
    await eventually(() => expect(response.closed).toBe(true));
    started.letAnswer();
    const next = await ask(started.port, '/', GZIP);

    expect(gunzipSync(next.body).toString()).toBe(TEXT);
    expect(started.lines).toEqual([]);
  });

  test('has the same headers for HEAD, and no body', async () => {
    await using started = await start();
    started.letAnswer();

    const head = await ask(started.port, '/', GZIP, { method: 'HEAD' });
    const get = await ask(started.port, '/', GZIP);

    expect(head.body.length).toBe(0);
    for (const name of ['content-encoding', 'content-length', 'vary'])
      expect(head.headers[name]).toBe(get.headers[name]);
  });
});
