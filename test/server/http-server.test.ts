// Clients that are slow on purpose: a connection is theirs only so long, and what it sent by then does nothing.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/server/http-server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const patience = { headersMs: 300, requestMs: 600, answerMs: 300, idleMs: 200, checkMs: 50 };
const DELETION = JSON.stringify({
  query: 'mutation { deleteVideos(ids: ["vi1"]) { summary { requested } } }',
});
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n';

/** Writes `start` at once and then `rest` byte by byte, forever where it is without an end; answers what came back. */
async function drip(port: number, start: string, rest: Iterable<string>): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => {});
  socket.write(start);
  const bytes = rest[Symbol.iterator]();
  const timer = setInterval(() => {
    const { value, done } = bytes.next();
    if (!done && socket.writable) socket.write(value);
  }, 20);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return answer;
}

function* endless(text: string) {
  for (;;) yield* text;
}

test.each([
  ['that sends nothing', '', []],
  ['whose headers drip', HEAD, endless('x-drip: a\r\n')],
  ['whose body drips', `${HEAD}content-length: 10000\r\n\r\n${DELETION.slice(0, -1)}`, endless(' ')],
  [
    'whose chunks drip',
    `${HEAD}transfer-encoding: chunked\r\n\r\n${DELETION.length.toString(16)}\r\n${DELETION}\r\n`,
    endless('1\r\n \r\n'),
  ],
])('cuts a client %s, and sends nothing for it', async (_name, start, rest) => {
  await using started = await startListeningGateway({ patience, env: { MAX_REQUESTS: '1' } });
  const { port, sandbox, send } = started;

  const answer = await drip(port, start, rest);

  expect(answer).toMatch(/^(HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n)?$/);
  expect(sandbox.requests).toEqual([]);
  // Its place among the requests is free again.
  await eventually(async () =>
    expect((await send({ path: '/graphql?query={__typename}' })).status).toBe(200),
  );
});

describe('an answer', () => {
  /** More than sockets hold: what is not taken is in the memory of the gateway. */
  const LARGE = Buffer.alloc(32 * 1024 * 1024);
  const GET = 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';

  /** A client that has asked and takes nothing yet, and the end of its connection as the server sees it. */
  async function ask(handle: RequestListener, requests: string, answerMs = patience.answerMs) {
    const server = createHttpServer(handle, { ...patience, answerMs });
    const listening = await listen(server);
    const cut = once(server, 'connection').then(([socket]) => once(socket, 'close'));
    const client = connect(listening.port, '127.0.0.1').pause();
    client.on('error', () => {});
    client.write(requests);
    return {
      client,
      cut,
      async [Symbol.asyncDispose]() {
        client.destroy();
        await listening[Symbol.asyncDispose]();
      },
    };
  }

  test('that its client does not take is not kept for it', async () => {
    await using asked = await ask((_request, response) => response.end(LARGE), GET);
    const { cut } = asked;

    await cut;
  });

  test('that its client takes slowly is given whole', async () => {
    // The whole takes longer than the limit, each step far less: the systems of both sides hold megabytes, and take the
    // next only when there is room for many pieces.
    const answerMs = 5_000;
    const pieces = Array.from({ length: 1536 }, () => LARGE.subarray(0, LARGE.length / 512));
    await using asked = await ask(
      (_request, response) => void Readable.from(pieces).pipe(response),
      GET,
      answerMs,
    );
    const { client } = asked;
    const askedAt = performance.now();
    let bytes = 0;
    client.on('data', (chunk: Buffer) => {
      const before = bytes;
      bytes += chunk.length;
      if (Math.floor(bytes / 2 ** 21) === Math.floor(before / 2 ** 21)) return;
      client.pause();
      setTimeout(() => client.resume(), answerMs / 30);
    });
    client.resume();

    // Not the server's side of the connection: that ends when the system holds the rest for the client.
    await once(client, 'close');

    expect(bytes).toBeGreaterThan(3 * LARGE.length);
    expect(performance.now() - askedAt).toBeGreaterThan(answerMs);
  });

  test('that has no more to send yet is kept open', async () => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const handle: RequestListener = (_request, response) => {
      response.write('first');
      setTimeout(() => response.end('last', resolve), 3 * patience.answerMs);
    };
    await using asked = await ask(handle, GET);
    asked.client.resume();

    await ended;
  });

  test('is waited for as long as it takes behind another of the same connection', async () => {
    const handle: RequestListener = (request, response) => {
      if (request.url === '/') response.end('first');
      else setTimeout(() => response.end('second'), 3 * patience.answerMs);
    };
    await using asked = await ask(handle, GET + GET.replace('/', '/late'));
    const { client, cut } = asked;
    let text = '';
    client.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    client.resume();

    await cut;

    expect(text).toContain('first');
    expect(text).toContain('second');
  });
});

describe('a deletion is answered as it ends, or not at all,', () => {
  test.each([
    ['a blank', ' '],
    ['another body', '{}{}'],
    ['a line and a blank', '\n '],
    ['the beginning of another request, and no more', 'GET /hea'],
  ])('if %s follows it', async (_name, after) => {
    const { videos, ids } = createVideos(1);
    await using started = await startListeningGateway({ videos, patience, latencyMs: 300 });
    const { port, sandbox } = started;
    const body = JSON.stringify({
      query: `mutation { deleteVideos(ids: ["${ids[0]}"]) { summary { succeeded } } }`,
    });

    const text = await drip(port, `${HEAD}content-length: ${body.length}\r\n\r\n${body}${after}`, []);

    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text).toContain('{"data":{"deleteVideos":{"summary":{"succeeded":1}}}}');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(sandbox.state(ids[0] ?? '')).toBe('removed');
  });
});

test('lets a connection go that asks nothing more', async () => {
  await using started = await startListeningGateway({ patience });
  const { port } = started;

  const answer = await drip(port, 'GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n', []);

  expect(answer).toContain('HTTP/1.1 200 OK');
});

test('refuses headers of more than 16 KiB', async () => {
  await using started = await startListeningGateway();
  const { port, sandbox } = started;

  const answer = await drip(port, `${HEAD}x-long: ${'x'.repeat(16 * 1024)}\r\n\r\n`, []);

  expect(answer).toContain('HTTP/1.1 431 ');
  expect(sandbox.requests).toEqual([]);
});

test('waits for an answer that takes longer than a client may', async () => {
  const { videos } = createVideos(3);
  await using started = await startListeningGateway({ videos, patience, latencyMs: 2 * patience.requestMs });
  const { send } = started;

  const answer = await send({ path: `/graphql?query=${encodeURIComponent('{ videos { totalCount } }')}` });

  expect(JSON.parse(answer.body)).toEqual({ data: { videos: { totalCount: 3 } } });
});
