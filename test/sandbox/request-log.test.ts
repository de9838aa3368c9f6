// The log that tests judge by: what arrived, what became of it, and how many were open at once.
import { expect, it } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, sendRaw } from './client.ts';

it('notes everything that arrives, in order, with what became of it', async () => {
  const video = createVideo();
  await using sandbox = await startSandbox({ videos: [video] });
  const call = createClient(sandbox);
  await call('GET', '/videos?title=a%20b');
  await call('PATCH', `/videos/${video.videoId}`, { title: 'New' });
  await createClient(sandbox, 'Bearer wrong')('DELETE', '/videos/vi%2Fodd');
  expect(sandbox.requests).toMatchObject([
    {
      index: 0,
      method: 'GET',
      path: '/videos',
      kind: 'read',
      videoId: undefined,
      body: undefined,
      status: 200,
    },
    { index: 1, method: 'PATCH', kind: 'write', videoId: video.videoId, body: { title: 'New' }, status: 200 },
    {
      index: 2,
      path: '/videos/vi%2Fodd',
      videoId: 'vi/odd',
      projectId: undefined,
      status: 401,
      actedAt: undefined,
    },
  ]);
  const [first] = sandbox.requests;
  expect(first?.query.get('title')).toBe('a b');
  expect(Number(first?.actedAt)).toBeGreaterThanOrEqual(Number(first?.at));
});

it('starts anew when cleared, and leaves the old log to its holder', async () => {
  await using sandbox = await startSandbox();
  const call = createClient(sandbox);
  await call('GET', '/videos');
  const before = sandbox.requests;
  sandbox.clearRequests();
  expect([before.length, sandbox.requests.length, sandbox.maxInFlight]).toEqual([1, 0, 0]);
  await call('GET', '/videos');
  expect(sandbox.requests).toMatchObject([{ index: 0 }]);
});

it('counts how many requests were open at once', async () => {
  await using sandbox = await startSandbox({ latencyMs: 500 });
  await Promise.all(Array.from({ length: 7 }, () => sendRaw(sandbox, 'GET', '/videos')));
  expect(sandbox.maxInFlight).toBe(7);
  sandbox.clearRequests();
  await sendRaw(sandbox, 'GET', '/videos');
  expect(sandbox.maxInFlight).toBe(1);
});

it('waits for its latency before it acts', async () => {
  await using sandbox = await startSandbox({ latencyMs: 40 });
  await sendRaw(sandbox, 'GET', '/videos');
  const [request] = sandbox.requests;
  expect(Number(request?.actedAt) - Number(request?.at)).toBeGreaterThan(35);
});

it('closes under requests that still wait, and more than once', async () => {
  await using sandbox = await startSandbox({ latencyMs: 60_000 });
  const waiting = expect(sendRaw(sandbox, 'GET', '/videos')).rejects.toThrow();
  await eventually(() => expect(sandbox.requests.length).toBe(1));
  await sandbox.close();
  await sandbox.close();
  await waiting;
});
