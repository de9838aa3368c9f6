// What follows on a connection after an answer: the next request, and never a part of a body.
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { openConnection, readStatuses } from '../support/raw-connection.ts';

const HOST = 'host: 127.0.0.1\r\n';
const JSON_TYPE = 'content-type: application/json\r\n';
const DELETION = JSON.stringify({
  query: 'mutation { deleteVideos(ids: ["vi1"]) { summary { requested } } }',
});
/** A request that would be sent to api.video if it were taken for one. */
const HIDDEN = `POST /graphql HTTP/1.1\r\n${HOST}${JSON_TYPE}content-length: ${DELETION.length}\r\n\r\n${DELETION}`;
const HEALTH = `GET /health HTTP/1.1\r\n${HOST}\r\n`;

describe('closes the connection after an answer that came before the whole body:', () => {
  const CHUNKED = 'transfer-encoding: chunked\r\n';
  test.each([
    ['405 to a PUT', 405, `PUT /graphql HTTP/1.1\r\n${HOST}content-length: 100000\r\n\r\n`],
    ['415', 415, `POST /graphql HTTP/1.1\r\n${HOST}content-length: 100000\r\n\r\n`],
    ['404', 404, `POST /nowhere HTTP/1.1\r\n${HOST}content-length: 100000\r\n\r\n`],
    [
      '403',
      403,
      `POST /graphql HTTP/1.1\r\n${HOST}sec-fetch-site: cross-site\r\ncontent-length: 100000\r\n\r\n`,
    ],
    ['400', 400, `POST /graphql HTTP/1.1\r\nhost: a b\r\ncontent-length: 100000\r\n\r\n`],
    [
      '200 to a GET',
      200,
      `GET /graphql?query={__typename} HTTP/1.1\r\n${HOST}content-length: 100000\r\n\r\n`,
    ],
    ['200 at /health', 200, `GET /health HTTP/1.1\r\n${HOST}content-length: 100000\r\n\r\n`],
    ['405 in chunks', 405, `PUT /graphql HTTP/1.1\r\n${HOST}${CHUNKED}\r\n100000\r\n`],
    [
      '413 by its length',
      413,
      `POST /graphql HTTP/1.1\r\n${HOST}${JSON_TYPE}content-length: 9000000\r\n\r\n`,
    ],
    [
      '413 in chunks',
      413,
      `POST /graphql HTTP/1.1\r\n${HOST}${JSON_TYPE}${CHUNKED}\r\n200000\r\n${'x'.repeat(0x120000)}`,
    ],
  ])('%s', async (_name, status, start) => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);

    connection.write(start);
    // The client has the whole answer while it still sends.
    const answer = await connection.received(/\r\n\r\n(\{.*\})?$/);
    expect(answer).toMatch(/^connection: close\r$/im);
    const [, length] = /^content-length: (\d+)\r$/im.exec(answer) ?? [];
    expect(answer.split('\r\n\r\n')[1]).toHaveLength(Number(length));
    connection.write(HIDDEN.repeat(3));

    expect(readStatuses(await connection.closed)).toEqual([status]);
    expect(started.sandbox.requests).toEqual([]);
  });

  test('401', async () => {
    await using started = await startListeningGateway({ env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' } });
    using connection = await openConnection(started.port);

    connection.write(`POST /graphql HTTP/1.1\r\n${HOST}${JSON_TYPE}content-length: 100000\r\n\r\n`);
    await connection.received(/^connection: close\r$/im);
    connection.write(HIDDEN);

    expect(readStatuses(await connection.closed)).toEqual([401]);
    expect(started.sandbox.requests).toEqual([]);
  });

  test('and executes nothing that follows the body', async () => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);

    connection.write(`POST /graphql HTTP/1.1\r\n${HOST}content-length: 4\r\n\r\n`);
    await connection.received(/^connection: close\r$/im);
    connection.write(`1234${HIDDEN}${HIDDEN}`);

    expect(readStatuses(await connection.closed)).toEqual([415]);
    expect(started.sandbox.requests).toEqual([]);
  });

  test('however much of it comes', async () => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);
    let sent = 0;
    const part = Buffer.alloc(1024 * 1024);
    connection.write(`POST /graphql HTTP/1.1\r\n${HOST}content-length: ${2 ** 40}\r\n\r\n`);
    const flood = setInterval(() => {
      connection.write(part);
      sent += part.length;
    });

    const answer = await connection.closed;
    clearInterval(flood);

    expect(readStatuses(answer)).toEqual([415]);
    expect(sent).toBeLessThan(2 ** 30);
  });
});

test('keeps the connection after a refusal if the whole body has come', async () => {
  await using started = await startListeningGateway();
  using connection = await openConnection(started.port);

  connection.write(`POST /graphql HTTP/1.1\r\n${HOST}content-length: 4\r\n\r\n1234${HEALTH}`);
  await connection.received(/HTTP.*HTTP/s);
  connection.write(HEALTH);

  expect(readStatuses(await connection.received(/(HTTP.*){3}/s))).toEqual([415, 200, 200]);
});

describe('asks for a body with 100 Continue', () => {
  const EXPECT = `${HOST}${JSON_TYPE}expect: 100-continue\r\ncontent-length: `;

  test('if it will read it', async () => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);
    const query = '{"query":"{ __typename }"}';

    connection.write(`POST /graphql HTTP/1.1\r\n${EXPECT}${query.length}\r\n\r\n`);
    expect(await connection.received(/HTTP/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    connection.write(`${query}${HEALTH}`);

    expect(readStatuses(await connection.received(/(HTTP.*){3}/s))).toEqual([100, 200, 200]);
  });

  test.each([
    ['is too large', 413, `POST /graphql HTTP/1.1\r\n${EXPECT}9000000\r\n\r\n`],
    ['is for no path', 404, `POST /nowhere HTTP/1.1\r\n${EXPECT}9\r\n\r\n`],
    ['is a form', 415, `POST /graphql HTTP/1.1\r\n${EXPECT.replace('json', 'xml')}9\r\n\r\n`],
  ])('not if it %s', async (_name, status, head) => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);

    connection.write(head);

    expect(readStatuses(await connection.closed)).toEqual([status]);
  });
});

describe('takes for no request, and closes the connection after,', () => {
  const CL = `content-length: ${DELETION.length}\r\n`;
  const post = (headers: string, body: string) =>
    `POST /graphql HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`;
  test.each([
    ['a length and chunks', post(`${CL}transfer-encoding: chunked\r\n`, '0\r\n\r\n')],
    ['chunks and a length', post(`transfer-encoding: chunked\r\n${CL}`, '0\r\n\r\n')],
    ['an encoding that is almost chunked', post('transfer-encoding: xchunked\r\n', '0\r\n\r\n')],
    [
      'an encoding that does not end as chunked',
      post('transfer-encoding: chunked, identity\r\n', '0\r\n\r\n'),
    ],
    ['two lengths', post(`${CL}content-length: 5\r\n`, DELETION)],
    ['a list of lengths', post(`content-length: 5, 5\r\n`, DELETION)],
    ['a length with a sign', post('content-length: +5\r\n', DELETION)],
    ['a length with a blank before the colon', post('content-length : 5\r\n', DELETION)],
    ['a folded header', post('x: y\r\n content-length: 5\r\n', DELETION)],
    ['bare line feeds', 'GET /health HTTP/1.1\nhost: 127.0.0.1\n\n'],
    [
      'a bare line feed after a chunk size',
      post('transfer-encoding: chunked\r\n', `${DELETION.length.toString(16)}\n${DELETION}\r\n0\r\n\r\n`),
    ],
    [
      'a chunk that is longer than its size',
      post('transfer-encoding: chunked\r\n', `5\r\n${DELETION}\r\n0\r\n\r\n`),
    ],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a tunnel', `CONNECT 127.0.0.1:80 HTTP/1.1\r\n${HOST}\r\n`],
  ])('%s', async (_name, text) => {
    await using started = await startListeningGateway();
    using connection = await openConnection(started.port);

    connection.write(text);
    connection.write(HIDDEN);

    expect(await connection.closed).toMatch(/^(HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n)?$/);
    expect(started.sandbox.requests).toEqual([]);
  });
});

test('answers requests that arrive at once in their order, and all of them', async () => {
  await using started = await startListeningGateway(createVideos(3));
  using connection = await openConnection(started.port);
  const list = `GET /graphql?query=${encodeURIComponent('{ videos { totalCount } }')} HTTP/1.1\r\n${HOST}\r\n`;

  connection.write(
    `${list}${HEALTH}HEAD /health HTTP/1.1\r\n${HOST}\r\nTRACE /graphql HTTP/1.1\r\n${HOST}\r\n${list}`,
  );

  const text = await connection.received(/(HTTP.*){5}\}$/s);
  expect(readStatuses(text)).toEqual([200, 200, 200, 405, 200]);
  expect(text.match(/"totalCount":3/g)).toHaveLength(2);
});

test('answers a pipelined deletion though the gateway has begun to stop', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startListeningGateway({ videos, latencyMs: 300, env: { VIDEO_RESTORE: 'on' } });
  using connection = await openConnection(started.port);
  const body = DELETION.replace('vi1', ids[0] ?? '');

  connection.write(
    `${HEALTH}${HIDDEN.replace(DELETION, body).replace(/length: \d+/, `length: ${body.length}`)}`,
  );
  started.gateway.readiness.status = 'draining';

  const text = await connection.closed;
  expect(readStatuses(text)).toEqual([200, 200]);
  expect(text).toContain('"requested":1');
});

test('is not overrun by 10,000 requests on one connection', async () => {
  await using started = await startListeningGateway({ env: { MAX_REQUESTS: '10' } });
  using connection = await openConnection(started.port);
  const query = `GET /graphql?query={__typename} HTTP/1.1\r\n${HOST}\r\n`;

  connection.write(query.repeat(10_000));

  const text = await eventually(() => {
    expect(readStatuses(connection.text())).toHaveLength(10_000);
    return connection.text();
  });
  const statuses = readStatuses(text);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(text.match(/"__typename":"Query"/g)).toHaveLength(
    statuses.filter((status) => status === 200).length,
  );
  expect((await started.send({ path: '/graphql?query={__typename}' })).status).toBe(200);
});
