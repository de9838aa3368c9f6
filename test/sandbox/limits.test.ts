// Rate limits: what counts, what is told, and when the budget is whole again.
import { expect, it } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, type Reply, readType } from './client.ts';

function readBudget({ headers }: Reply) {
  return ['Limit', 'Remaining', 'Retry-After'].map((name) => headers.get(`X-RateLimit-${name}`));
}

it('tells the budget with every limited answer, also with 204, 404 and 429', async () => {
  const video = createVideo();
  await using sandbox = await startSandbox({ videos: [video], limits: { reads: 9, writes: 2 } });
  const call = createClient(sandbox);
  const replies = [
    await call('DELETE', `/videos/${video.videoId}`),
    await call('DELETE', '/videos/viUnknown'),
    await call('DELETE', '/videos/viUnknown'),
    await call('GET', '/nowhere'),
  ];
  expect(replies.map((reply) => [reply.status, ...readBudget(reply)])).toEqual([
    [204, '2', '1', '60'],
    [404, '2', '0', '60'],
    [429, '2', '0', '60'],
    [404, '9', '8', '60'],
  ]);
});

it('does not act on a request over the limit', async () => {
  const video = createVideo();
  await using sandbox = await startSandbox({ videos: [video], limits: { reads: 1, writes: 0 } });
  const reply = await createClient(sandbox)('DELETE', `/videos/${video.videoId}`);
  expect([reply.status, readType(reply)]).toEqual([429, 'too-many-requests']);
  expect(sandbox.state(video.videoId)).toBe('live');
  expect(sandbox.requests).toMatchObject([{ status: 429, actedAt: undefined }]);
});

it('opens a new window when the old one is over, and rounds the wait up to whole seconds', async () => {
  let now = Date.now();
  await using sandbox = await startSandbox({
    limits: { reads: 1, writes: 1 },
    windowMs: 5_000,
    now: () => now,
  });
  const call = createClient(sandbox);
  expect(readBudget(await call('GET', '/videos'))).toEqual(['1', '0', '5']);
  now += 4_001;
  const refused = await call('GET', '/videos');
  expect([refused.status, ...readBudget(refused)]).toEqual([429, '1', '0', '1']);
  now += 999;
  expect(await call('GET', '/videos')).toMatchObject({ status: 200 });
});

it('counts neither authentication nor 401', async () => {
  await using sandbox = await startSandbox({ limits: { reads: 1, writes: 1 } });
  const call = createClient(sandbox);
  const auth = await call('POST', '/auth/api-key', { apiKey: 'sandbox-key' });
  expect(readBudget(auth)).toEqual([null, null, null]);
  await createClient(sandbox, 'Bearer wrong')('GET', '/videos');
  expect(readBudget(await call('GET', '/videos'))).toEqual(['1', '0', '60']);
  expect(await call('POST', '/videos', { title: 'A write' })).toMatchObject({ status: 201 });
});

it('lets another client use the budget, but not more than there is', async () => {
  await using sandbox = await startSandbox({ limits: { reads: 10, writes: 10 } });
  const call = createClient(sandbox);
  sandbox.spend('reads', 7);
  expect(readBudget(await call('GET', '/videos'))).toEqual(['10', '2', '60']);
  sandbox.spend('reads', 50);
  expect(readBudget(await call('GET', '/videos'))).toEqual(['10', '0', '60']);
  expect(await call('POST', '/videos', { title: 'Writes are apart' })).toMatchObject({ status: 201 });
});

it('takes new limits at once, and none for null', async () => {
  await using sandbox = await startSandbox({ limits: { reads: 1, writes: 1 } });
  const call = createClient(sandbox);
  await call('GET', '/videos');
  sandbox.setLimits({ reads: 3, writes: 3 });
  expect(readBudget(await call('GET', '/videos'))).toEqual(['3', '1', '60']);
  sandbox.setLimits(null);
  const reply = await call('GET', '/videos');
  expect([reply.status, ...readBudget(reply)]).toEqual([200, null, null, null]);
});
