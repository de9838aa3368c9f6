// What fails around an operation: api.video, the database, the gateway's own process. Gateways are processes of their own.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import {
  createPlainVideos,
  isDeletion,
  readOperation,
  readResults,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { type PlainOptions, startPlainUpstream } from '../support/plain-upstream.ts';

/** How long api.video is out. OUTAGE_SECONDS=600 tries ten minutes. */
const OUTAGE_MS = Number(process.env.OUTAGE_SECONDS ?? 4) * 1_000;
const LONG_MS = 60_000;

/** What upstream does while it is out, and what it does to the requests that it has had then. */
const OUTAGES: Readonly<Record<string, (isOut: () => boolean) => PlainOptions>> = {
  'fails every request': (isOut) => ({
    alter: (answer) => {
      if (isOut()) Object.assign(answer, { status: 500, body: 'down' });
    },
  }),
  'fails every deletion, and carries it out': (isOut) => ({
    alter: (answer, { method }) => {
      if (isOut() && method === 'DELETE') Object.assign(answer, { status: 503, body: 'down' });
    },
  }),
  'refuses the key': (isOut) => ({
    alter: (answer, { path }) => {
      if (isOut()) Object.assign(answer, { status: path.startsWith('/auth/') ? 400 : 401, body: 'refused' });
    },
  }),
  'answers nothing': (isOut) => ({
    pause: async () => {
      while (isOut()) await wait(20);
      await wait(20);
    },
  }),
};

for (const [name, options] of Object.entries(OUTAGES))
  test(`no item fails while api.video ${name}`, { timeout: OUTAGE_MS + 180_000 }, async () => {
    const { videos, ids } = createPlainVideos(60);
    let isOut = false;
    await using upstream = await startPlainUpstream({ videos, ...options(() => isOut) });
    await using folder = await createFolder();
    await using gateway = startDurableGateway(upstream.url, {
      DATA_DIR: folder.path,
      VIDEO_RESTORE: 'on',
      UPSTREAM_CONCURRENCY: '2',
    });
    const url = await gateway.url;
    const id = await startInBackground(url, 'deleteVideos', ids);
    await eventually(() => expect(upstream.requests.filter(isDeletion).length).toBeGreaterThan(5));

    isOut = true;
    await wait(OUTAGE_MS);
    const during = await readOperation(url, id);
    expect(during.failed).toBe(0);
    // In a long outage, all of them may be carried out.
    if (OUTAGE_MS < LONG_MS) expect(during.status).toBe('RUNNING');
    isOut = false;
    const back = performance.now();

    if (during.status === 'RUNNING')
      await eventually(() =>
        expect(upstream.requests.find((request) => isDeletion(request) && request.at > back)).toBeDefined(),
      );
    await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
    expect(await readOperation(url, id)).toMatchObject({ succeeded: 60, failed: 0 });
    const results = await readResults(url, id);
    expect(results).toHaveLength(60);
    const others = results.filter(({ alreadyRemoved }) => alreadyRemoved !== false);
    // What takes effect minutes after its request counts as somebody else's: at most the two that were under way.
    expect(others.length).toBeLessThanOrEqual(OUTAGE_MS < LONG_MS ? 0 : 2);
  });

test('one video that api.video always fails is given up, and the others are deleted', async () => {
  const { videos, ids } = createPlainVideos(40);
  const [bad = ''] = ids;
  await using upstream = await startPlainUpstream({
    videos,
    pause: () => wait(20),
    alter: (answer, { method, path }) => {
      if (method === 'GET' && path.endsWith(`/${bad}`)) Object.assign(answer, { status: 500, body: 'no' });
    },
  });
  await using folder = await createFolder();
  await using gateway = startDurableGateway(upstream.url, {
    DATA_DIR: folder.path,
    VIDEO_RESTORE: 'on',
    UPSTREAM_CONCURRENCY: '2',
  });
  const url = await gateway.url;
  const id = await startInBackground(url, 'deleteVideos', ids);
  await eventually(async () => expect((await readOperation(url, id)).succeeded).toBe(39));
});

test('a gateway that is stopped hands over at once, and nothing is sent twice', async () => {
  const { videos, ids } = createPlainVideos(260);
  await using upstream = await startPlainUpstream({ videos, pause: () => wait(50) });
  await using folder = await createFolder();
  const settings = { DATA_DIR: folder.path, VIDEO_RESTORE: 'on' };
  await using first = startDurableGateway(upstream.url, settings);
  const id = await startInBackground(await first.url, 'deleteVideos', ids);
  await eventually(() => expect(upstream.requests.filter(isDeletion).length).toBeGreaterThan(20));
  await using second = startDurableGateway(upstream.url, settings);
  const url = await second.url;
  first.child.kill('SIGTERM');

  expect(await first.ended).toEqual({ code: 0, signal: null });
  const endedAt = performance.now();
  await eventually(() =>
    expect(upstream.requests.find((request) => isDeletion(request) && request.at > endedAt)).toBeDefined(),
  );
  await eventually(async () => expect((await readOperation(url, id)).status).toBe('COMPLETED'), 60_000);
  expect(await readOperation(url, id)).toMatchObject({ succeeded: 260, failed: 0 });
  expect(upstream.requests.filter(isDeletion)).toHaveLength(260);
});
