// Several projects in one sandbox: nothing of one is seen or spent by another.
import { expect, it } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { basic, createClient, readIds } from './client.ts';

async function start() {
  const mine = createVideo();
  const theirs = createVideo();
  const sandbox = await startSandbox({ videos: [mine], limits: { reads: 9, writes: 2 } });
  const other = sandbox.addProject({
    apiKey: 'other-key',
    projectId: 'prOther',
    videos: [theirs],
    videoRestore: false,
  });
  return {
    mine,
    theirs,
    sandbox,
    other,
    call: createClient(sandbox, basic('other-key')),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

it('shows and deletes only the videos of the project', async () => {
  await using started = await start();
  const { mine, theirs, sandbox, other, call } = started;
  expect(readIds(await call('GET', '/videos'))).toEqual([theirs.videoId]);
  expect(await call('DELETE', `/videos/${mine.videoId}`)).toMatchObject({ status: 404 });
  expect(await call('DELETE', `/videos/${theirs.videoId}`)).toMatchObject({ status: 204 });
  expect(sandbox.state(mine.videoId)).toBe('live');
  expect([other.state(theirs.videoId), other.videos()]).toEqual(['absent', []]);
  expect(sandbox.requests.map((request) => request.projectId)).toEqual(['prOther', 'prOther', 'prOther']);
});

it('keeps limits, switches and credentials apart', async () => {
  await using started = await start();
  const { mine, sandbox, other, call } = started;
  const asMe = createClient(sandbox);
  sandbox.spend('writes', 2);
  expect(await asMe('POST', '/videos', { title: 'Over the limit' })).toMatchObject({ status: 429 });
  expect(await call('POST', '/videos', { title: 'Not theirs' })).toMatchObject({ status: 201 });
  other.setLimits(null);
  sandbox.setLimits({ reads: 9, writes: 9 });
  other.revokeKey();
  expect(await call('GET', '/videos')).toMatchObject({ status: 401 });
  expect(await asMe('DELETE', `/videos/${mine.videoId}`)).toMatchObject({ status: 204 });
  expect(sandbox.state(mine.videoId)).toBe('removed');
});

it('refuses a second project with the same id or key', async () => {
  await using started = await start();
  const { sandbox } = started;
  expect(() => sandbox.addProject({ apiKey: 'new-key', projectId: 'prOther' })).toThrow('prOther');
  expect(() => sandbox.addProject({ apiKey: 'other-key', projectId: 'prNew' })).toThrow('API key');
});
