// Input that no client should send. The sandbox answers it as upstream would, and stays up.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createVideo, type Sandbox } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readType, sendRaw } from './client.ts';

/** Writes text to a connection as it is, and reads until its end. */
async function sendText(sandbox: Sandbox, text: string): Promise<string> {
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

it.each(['{"title"', 'title=A', '[]', '"title"', 'null', '7'])('answers 400 to the body %s', async (body) => {
  await using sandbox = await startSandbox();
  const reply = await createClient(sandbox)('POST', '/videos', body);
  expect([reply.status, readType(reply)]).toEqual([400, 'invalid-payload']);
  expect(sandbox.videos()).toEqual([]);
});

it('answers 413 to a body over 1 MB, and takes one just below', async () => {
  await using sandbox = await startSandbox();
  const call = createClient(sandbox);
  const description = 'a'.repeat(1024 * 1024 - 100);
  expect(await call('POST', '/videos', { title: 'Large', description })).toMatchObject({ status: 201 });
  expect(
    await call('POST', '/videos', { title: 'Larger', description: `${description}${'a'.repeat(100)}` }),
  ).toMatchObject({ status: 413 });
  expect(sandbox.videos()).toHaveLength(1);
});

it.each([
  '/',
  '//',
  '/videos/',
  '/videos/a/b',
  '/Videos',
  '/discarded',
  '/discarded/videos/',
  '/auth/',
  '/auth/api-key/x',
  '/videos;x',
  '*',
])('does not know the path %s', async (path) => {
  await using sandbox = await startSandbox();
  const reply = await sendRaw(sandbox, 'GET', path);
  const body = Buffer.concat(reply.chunks).toString();
  expect([reply.status, body]).toEqual([404, expect.stringContaining('unrecognized-request-url')]);
});

it.each(['..', '%2e%2e', '%2F', '%', '%00', '%zz', '__proto__', 'constructor', 'a'.repeat(10_000)])(
  'takes %s for the id of no video',
  async (id) => {
    await using sandbox = await startSandbox({ videos: [createVideo()] });
    expect(await sendRaw(sandbox, 'DELETE', `/videos/${id}`)).toMatchObject({ status: 404 });
    expect(sandbox.videos()).toHaveLength(1);
  },
);

it.each([
  ['PUT', '/videos', 'GET, POST'],
  ['POST', '/videos/viUnknown', 'GET, PATCH, DELETE'],
  ['DELETE', '/discarded/videos/viUnknown', 'GET, PATCH'],
  ['GET', '/auth/api-key', 'POST'],
  ['HEAD', '/videos', 'GET, POST'],
])('answers 405 to %s %s and names what is allowed', async (method, path, allow) => {
  await using sandbox = await startSandbox();
  expect(await sendRaw(sandbox, method, path)).toMatchObject({ status: 405, headers: { allow } });
});

it('survives broken HTTP, an unknown method and a client that goes away in the middle of a body', async () => {
  await using sandbox = await startSandbox();
  const host = 'Host: localhost\r\n';
  expect(await sendText(sandbox, 'nonsense\r\n\r\n')).toContain('400');
  expect(await sendText(sandbox, `BREW /videos HTTP/1.1\r\n${host}\r\n`)).toContain('400');
  await sendText(sandbox, `POST /videos HTTP/1.1\r\n${host}Content-Length: 50\r\n\r\n{"ti`);
  await sendText(sandbox, `CONNECT other:80 HTTP/1.1\r\n${host}\r\n`);
  expect(await sendRaw(sandbox, 'GET', '/videos')).toMatchObject({ status: 200 });
});

it('answers a fault that throws with 500 and its message', async () => {
  await using sandbox = await startSandbox();
  sandbox.setFault(() => {
    throw new Error('a test with a mistake');
  });
  const reply = await createClient(sandbox)('GET', '/videos');
  expect(reply).toMatchObject({
    status: 500,
    json: { detail: expect.stringContaining('a test with a mistake') },
  });
});

it('answers several requests on one connection', async () => {
  await using sandbox = await startSandbox();
  const request = 'GET /videos HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const answer = await sendText(sandbox, request.repeat(3));
  expect(answer.match(/HTTP\/1\.1 401/g)).toHaveLength(3);
});
