// What DELETE does with and without Video Restore, a second time, and after 90 days.
import { expect, it } from 'vitest';
import { createVideo, type SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readIds } from './client.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function start(options: SandboxOptions = {}) {
  const video = createVideo({ updatedAt: '2025-01-01T00:00:00.000Z' });
  const sandbox = await startSandbox({ videos: [video], ...options });
  return {
    sandbox,
    video,
    call: createClient(sandbox),
    path: `/videos/${video.videoId}`,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

it('keeps a deleted video for 90 days by the clock, and then no longer', async () => {
  let now = Date.UTC(2026, 0, 1);
  await using started = await start({ now: () => now });
  const { sandbox, video, call, path } = started;
  expect(await call('DELETE', path)).toMatchObject({ status: 204, json: undefined });
  expect(await call('GET', `/discarded${path}`)).toMatchObject({
    headers: expect.anything(),
    json: {
      discardedAt: '2026-01-01T00:00:00+00:00',
      deletesAt: '2026-04-01T00:00:00+00:00',
      updatedAt: '2025-01-01T00:00:00+00:00',
    },
  });
  now += 90 * DAY_MS - 1;
  expect(readIds(await call('GET', '/discarded/videos'))).toEqual([video.videoId]);
  now += 1;
  expect(readIds(await call('GET', '/discarded/videos'))).toEqual([]);
  expect(await call('PATCH', `/discarded${path}`, { discarded: false })).toMatchObject({ status: 404 });
  expect(sandbox.state(video.videoId)).toBe('absent');
  expect(sandbox.videos()).toEqual([]);
});

it('shows the clock in the Date header', async () => {
  await using started = await start({ now: () => Date.UTC(2026, 0, 1) });
  const { call } = started;
  expect((await call('GET', '/videos')).headers.get('Date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
});

it('starts with removed videos, which keep their own dates', async () => {
  const removedAt = new Date(Date.now() - DAY_MS).toISOString();
  const deletesAt = new Date(Date.now() + DAY_MS).toISOString();
  const expired = createVideo({ removedAt: new Date(Date.now() - 91 * DAY_MS).toISOString() });
  await using started = await start({ videos: [createVideo({ removedAt, deletesAt }), expired] });
  const { sandbox } = started;
  expect(sandbox.videos()).toMatchObject([{ removedAt, deletesAt }]);
  expect(sandbox.state(expired.videoId)).toBe('absent');
});

it('destroys at once while Video Restore is off, and the switch works at any time', async () => {
  await using started = await start({ videoRestore: false });
  const { sandbox, video, call, path } = started;
  expect(await call('DELETE', path)).toMatchObject({ status: 204 });
  expect(sandbox.state(video.videoId)).toBe('absent');
  sandbox.videoRestore = true;
  sandbox.addVideos([video]);
  expect(await call('DELETE', path)).toMatchObject({ status: 204 });
  expect(sandbox.state(video.videoId)).toBe('removed');
});

it.each([
  ['not-found', 404, 'removed'],
  ['no-content', 204, 'removed'],
  ['destroys', 204, 'absent'],
] as const)('answers a second DELETE as told: %s', async (secondDelete, status, state) => {
  await using started = await start({ secondDelete });
  const { sandbox, video, call, path } = started;
  await call('DELETE', path);
  const removed = sandbox.videos();
  expect(await call('DELETE', path)).toMatchObject({ status });
  expect(sandbox.state(video.videoId)).toBe(state);
  if (state === 'removed') expect(sandbox.videos()).toEqual(removed);
});

it('lets another actor remove, restore and destroy without a request', async () => {
  await using started = await start();
  const { sandbox, video } = started;
  const states = [
    () => sandbox.remove(video.videoId),
    () => sandbox.restore(video.videoId),
    () => sandbox.destroy(video.videoId),
  ].map((act) => {
    act();
    return sandbox.state(video.videoId);
  });
  expect(states).toEqual(['removed', 'live', 'absent']);
  expect(sandbox.requests).toEqual([]);
  expect(() => sandbox.remove(video.videoId)).toThrow('no video');
  expect(() => sandbox.restore(video.videoId)).toThrow('no video');
});
