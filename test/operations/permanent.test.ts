// Deletions that destroy their videos, and undos, through a crash of the gateway. Both are processes of their own.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import {
  ask,
  readOperation,
  readResults,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startSandbox } from '../support/sandbox.ts';

/** As many deletions are on their way at once. */
const CONCURRENCY = 5;
const FAST = { limits: { reads: 100_000, writes: 100_000 }, lagMs: 50 };

test('a deletion that destroyed its video before the gateway was killed is told as such', async () => {
  const { videos, ids } = createVideos(40);
  await using sandbox = await startSandbox({ ...FAST, videos, videoRestore: false, latencyMs: 80 });
  await using folder = await createFolder();
  // Another process waits this long until it looks at what this one may have sent.
  const settings = { DATA_DIR: folder.path, UPSTREAM_TIMEOUT_MS: '2000' };
  const first = startDurableGateway(sandbox.url, settings);
  const id = await startInBackground(await first.url, 'deleteVideos', ids, 'ifPermanent: ALLOW');
  const deletes = () =>
    sandbox.requests.filter(({ method, videoId }) => method === 'DELETE' && ids.includes(videoId ?? ''));
  // Those on their way when it is killed destroy their videos, and their answers are lost.
  const held = new Set<string>();
  sandbox.setFault(({ method, videoId = '' }) => {
    if (method !== 'DELETE' || deletes().length < 8) return undefined;
    held.add(videoId);
    return { kind: 'hang', acts: true };
  });
  await eventually(() => expect(held.size).toBe(CONCURRENCY));
  first.child.kill('SIGKILL');
  await first.ended;
  sandbox.setFault(undefined);

  await using second = startDurableGateway(sandbox.url, settings);
  const url = await second.url;
  // One that was claimed and never sent stays pending for three minutes: as long as a deletion may still take effect.
  await eventually(
    async () => expect((await readOperation(url, id)).pending).toBeLessThanOrEqual(CONCURRENCY),
    60_000,
  );

  const results = await readResults(url, id);
  const settled = results.filter(({ __typename }) => __typename !== 'VideoPending');
  expect(settled.filter(({ __typename }) => __typename !== 'VideoDestroyed')).toEqual([]);
  expect(settled.map(({ videoId }) => videoId)).toEqual(expect.arrayContaining([...held]));
  const deleted = deletes().map(({ videoId }) => videoId);
  expect(deleted).toHaveLength(new Set(deleted).size);
});

test('an undo that was interrupted leaves a video alone that somebody else has removed since', async () => {
  const { videos, ids } = createVideos(12);
  await using sandbox = await startSandbox({ ...FAST, videos });
  await using folder = await createFolder();
  const settings = { DATA_DIR: folder.path, UPSTREAM_CONCURRENCY: '3', UPSTREAM_TIMEOUT_MS: '2000' };
  const first = startDurableGateway(sandbox.url, settings);
  const id = await startInBackground(await first.url, 'deleteVideos', ids);
  await eventually(
    async () => expect((await readOperation(await first.url, id)).status).toBe('COMPLETED'),
    60_000,
  );

  // The first restores are held, and never act: their gateway is killed.
  const held = new Set<string>();
  sandbox.setFault(({ method, videoId = '' }) => {
    if (method !== 'PATCH' || !ids.includes(videoId)) return undefined;
    held.add(videoId);
    return { kind: 'hang', acts: false };
  });
  const data = await ask(
    await first.url,
    `mutation ($id: ID!) { undoOperation(id: $id, options: { background: true }) { operation { id } } }`,
    { id },
  );
  const undo = z.object({ undoOperation: z.object({ operation: z.object({ id: z.string() }) }) }).parse(data)
    .undoOperation.operation.id;
  await eventually(() => expect(held.size).toBe(3));
  first.child.kill('SIGKILL');
  await first.ended;
  sandbox.setFault(undefined);
  const [changed = ''] = held;
  const act = (method: string, path: string) =>
    fetch(`${sandbox.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: method === 'PATCH' ? JSON.stringify({ discarded: false }) : null,
    });
  const token = z.object({ access_token: z.string() }).parse(
    await (
      await fetch(`${sandbox.url}/auth/api-key`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ apiKey: 'sandbox-key' }),
      })
    ).json(),
  ).access_token;
  // The time of a removal is in whole seconds.
  await eventually(async () => expect(Date.now() % 1000).toBeLessThan(100));
  expect((await act('PATCH', `/discarded/videos/${changed}`)).status).toBe(200);
  expect((await act('DELETE', `/videos/${changed}`)).status).toBe(204);

  await using second = startDurableGateway(sandbox.url, settings);
  const url = await second.url;
  await eventually(async () => expect((await readOperation(url, undo)).status).toBe('COMPLETED'), 60_000);

  const results = await readResults(url, undo);
  expect(results.find(({ videoId }) => videoId === changed)).toMatchObject({ code: 'CHANGED_SINCE' });
  expect(sandbox.state(changed)).toBe('removed');
  expect(results.filter(({ __typename }) => __typename === 'VideoRestored')).toHaveLength(11);
});
