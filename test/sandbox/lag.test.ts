// Reads that trail behind writes, as those of a replicated store do.
import { expect, it } from 'vitest';
import { createVideo, type SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readIds } from './client.ts';

const LAG_MS = 1_000;

async function start(options: SandboxOptions = {}) {
  let now = Date.now();
  const video = createVideo();
  const sandbox = await startSandbox({ videos: [video], lagMs: LAG_MS, now: () => now, ...options });
  const pass = (ms: number) => {
    now += ms;
  };
  return {
    sandbox,
    video,
    pass,
    call: createClient(sandbox),
    path: `/videos/${video.videoId}`,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

it('shows a removal in reads and lists only when the lag is over', async () => {
  await using started = await start();
  const { sandbox, video, pass, call, path } = started;
  await call('DELETE', path);
  expect(sandbox.state(video.videoId)).toBe('removed');
  const look = async () => [
    (await call('GET', path)).status,
    (await call('GET', `/discarded${path}`)).status,
    readIds(await call('GET', '/videos')).length,
    readIds(await call('GET', '/discarded/videos')).length,
  ];
  pass(LAG_MS - 1);
  expect(await look()).toEqual([200, 404, 1, 0]);
  pass(1);
  expect(await look()).toEqual([404, 200, 0, 1]);
});

it('lets writes act on the true state meanwhile', async () => {
  await using started = await start();
  const { sandbox, video, call, path } = started;
  await call('DELETE', path);
  expect(await call('DELETE', path)).toMatchObject({ status: 404 });
  expect(await call('PATCH', `/discarded${path}`, { discarded: false })).toMatchObject({ status: 200 });
  expect(sandbox.state(video.videoId)).toBe('live');
});

it('shows each of several writes in its turn', async () => {
  await using started = await start();
  const { pass, call, path } = started;
  await call('DELETE', path);
  pass(600);
  await call('PATCH', `/discarded${path}`, { discarded: false });
  pass(500);
  expect(await call('GET', path)).toMatchObject({ status: 404 });
  pass(500);
  expect(await call('GET', path)).toMatchObject({ status: 200 });
});

it('hides a new video, and still shows a destroyed one', async () => {
  await using started = await start({ videoRestore: false });
  const { sandbox, video, pass, call, path } = started;
  await call('DELETE', path);
  await call('POST', '/videos', { title: 'New' });
  const [created] = sandbox.videos();
  expect(sandbox.state(video.videoId)).toBe('absent');
  expect(readIds(await call('GET', '/videos'))).toEqual([video.videoId]);
  pass(LAG_MS);
  expect(readIds(await call('GET', '/videos'))).toEqual([created?.videoId]);
  expect(await call('GET', path)).toMatchObject({ status: 404 });
});
