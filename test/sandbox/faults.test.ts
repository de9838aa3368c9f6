// Every fault, seen by a client that repairs nothing.
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createVideo, type Fault, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, sendRaw } from './client.ts';

async function start(fault: Fault, options: SandboxOptions = {}) {
  const video = createVideo();
  const sandbox = await startSandbox({ videos: [video], ...options });
  sandbox.setFault(() => fault);
  return {
    sandbox,
    videoId: video.videoId,
    path: `/videos/${video.videoId}`,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** Sends a request, and goes away a moment after it has arrived, with no answer. */
async function leave(sandbox: Sandbox, method: string, path: string): Promise<void> {
  const client = new AbortController();
  const left = expect(sendRaw(sandbox, method, path, client.signal)).rejects.toThrow('aborted');
  await eventually(() => expect(sandbox.requests).toHaveLength(1));
  await setTimeout(50);
  client.abort();
  await left;
}

it.each([
  [true, 'removed'],
  [false, 'live'],
] as const)('resets the connection; acts: %s leaves the video %s', async (acts, state) => {
  await using started = await start({ kind: 'reset', acts });
  const { sandbox, path, videoId } = started;
  await expect(sendRaw(sandbox, 'DELETE', path)).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(sandbox.state(videoId)).toBe(state);
  expect(sandbox.requests).toMatchObject([
    { status: undefined, actedAt: acts ? expect.any(Number) : undefined },
  ]);
});

it.each([
  [true, 'removed'],
  [false, 'live'],
] as const)('hangs without a byte; acts: %s leaves the video %s', async (acts, state) => {
  await using started = await start({ kind: 'hang', acts });
  const { sandbox, path, videoId } = started;
  await leave(sandbox, 'DELETE', path);
  expect(sandbox.state(videoId)).toBe(state);
});

it('commits late, after the client has given up', async () => {
  await using started = await start({ kind: 'hang', acts: true, actsAfterMs: 1_000 });
  const { sandbox, path, videoId } = started;
  await leave(sandbox, 'DELETE', path);
  expect(sandbox.state(videoId)).toBe('live');
  await eventually(() => expect(sandbox.state(videoId)).toBe('removed'));
});

it('delays the act and the answer', async () => {
  await using started = await start({ kind: 'delay', ms: 50 });
  const { sandbox, path } = started;
  expect(await sendRaw(sandbox, 'DELETE', path)).toMatchObject({ status: 204 });
  const [request] = sandbox.requests;
  expect(Number(request?.actedAt) - Number(request?.at)).toBeGreaterThan(45);
});

it.each([
  [true, 'removed'],
  [false, 'live'],
] as const)('gives another answer; acts: %s leaves the video %s', async (acts, state) => {
  const headers = { 'content-type': 'text/html', 'X-RateLimit-Retry-After': 'soon' };
  await using started = await start({
    kind: 'answer',
    acts,
    status: 502,
    headers,
    body: '<h1>Bad</h1>',
  });
  const { sandbox, path, videoId } = started;
  const reply = await sendRaw(sandbox, 'DELETE', path);
  expect(reply).toMatchObject({ status: 502, complete: true });
  expect(reply.headers).toMatchObject({ 'content-type': 'text/html', 'x-ratelimit-retry-after': 'soon' });
  expect(reply.headers).not.toHaveProperty('x-ratelimit-limit');
  expect(Buffer.concat(reply.chunks).toString()).toBe('<h1>Bad</h1>');
  expect(sandbox.state(videoId)).toBe(state);
  expect(sandbox.requests).toMatchObject([{ status: 502 }]);
});

it('redirects where the answer says so', async () => {
  const headers = { Location: 'http://127.0.0.1:9/' };
  await using started = await start({ kind: 'answer', acts: false, status: 302, headers });
  const { sandbox, path } = started;
  expect(await sendRaw(sandbox, 'GET', path)).toMatchObject({
    status: 302,
    headers: { location: headers.Location },
  });
});

it('replaces and leaves out headers of the usual answer, whatever their case', async () => {
  const headers = { 'x-ratelimit-remaining': '-5', 'X-RATELIMIT-LIMIT': undefined, date: undefined };
  await using started = await start({ kind: 'headers', headers });
  const { sandbox, path } = started;
  const reply = await sendRaw(sandbox, 'GET', path);
  expect(reply).toMatchObject({ status: 200, headers: { 'x-ratelimit-remaining': '-5' } });
  expect(reply.headers).toHaveProperty('x-ratelimit-retry-after');
  expect(reply.headers).not.toHaveProperty('x-ratelimit-limit');
  expect(reply.headers).not.toHaveProperty('date');
});

it('drips the body a byte at a time', async () => {
  await using started = await start({ kind: 'drip', everyMs: 1 });
  const { sandbox } = started;
  const reply = await sendRaw(sandbox, 'GET', '/videos/viUnknown');
  const body = Buffer.concat(reply.chunks);
  expect(reply).toMatchObject({
    status: 404,
    complete: true,
    headers: { 'content-length': String(body.length) },
  });
  expect(reply.chunks.length).toBeGreaterThan(body.length / 2);
  expect(JSON.parse(body.toString())).toMatchObject({ status: 404 });
});

it('stops dripping when the client goes away', async () => {
  await using started = await start({ kind: 'drip', everyMs: 20 });
  const { sandbox, path } = started;
  await leave(sandbox, 'GET', path);
  await eventually(() => {
    sandbox.clearRequests();
    expect(sandbox.maxInFlight).toBe(0);
  });
});

it.each([
  [undefined, 'live'],
  [true, 'live'],
  [false, 'removed'],
] as const)('cuts the answer to a restore in half; acts: %s leaves the video %s', async (acts, state) => {
  await using started = await start({ kind: 'truncate', ...(acts === undefined ? {} : { acts }) });
  const { sandbox, videoId } = started;
  sandbox.remove(videoId);
  const reply = sendRaw(sandbox, 'PATCH', `/discarded/videos/${videoId}`, undefined, '{"discarded":false}');
  const { status, headers, chunks, complete } = await reply;
  const announced = Number(headers['content-length']);
  expect({ status, complete }).toEqual({ status: 200, complete: false });
  expect(Buffer.concat(chunks).length).toBe(Math.floor(announced / 2));
  expect(sandbox.state(videoId)).toBe(state);
});

it('unfolds a small gzip body to megabytes, and does not act', async () => {
  await using started = await start({ kind: 'gzip-bomb', megabytes: 8 });
  const { sandbox, path, videoId } = started;
  const reply = await sendRaw(sandbox, 'DELETE', path);
  const body = Buffer.concat(reply.chunks);
  expect(reply).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
  expect(body.length).toBeLessThan(64 * 1024);
  expect(gunzipSync(body).length).toBe(8 * 1024 * 1024);
  expect(sandbox.state(videoId)).toBe('live');
});

it('is chosen request by request, knowing body and project', async () => {
  await using sandbox = await startSandbox();
  sandbox.setFault((request) => {
    const isSecond = request.index === 1 && request.projectId === 'prSandbox' && request.body !== undefined;
    return isSecond ? { kind: 'answer', acts: true, status: 500 } : undefined;
  });
  const call = createClient(sandbox);
  const replies = [];
  for (const title of ['One', 'Two', 'Three']) replies.push(await call('POST', '/videos', { title }));
  expect(replies.map((reply) => reply.status)).toEqual([201, 500, 201]);
  expect(sandbox.videos().map((video) => video.title)).toEqual(['One', 'Two', 'Three']);
});

it('spends nothing of the limits where it does not act', async () => {
  await using started = await start({ kind: 'answer', acts: false, status: 503 });
  const { sandbox, path } = started;
  await sendRaw(sandbox, 'DELETE', path);
  sandbox.setFault(undefined);
  expect(await sendRaw(sandbox, 'DELETE', path)).toMatchObject({
    headers: { 'x-ratelimit-remaining': '199' },
  });
});
