// Operations that go on with their caller's own credentials: AUTH=passthrough. Gateways are processes of their own.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import {
  createPlainVideos,
  readOperation,
  startDurableGateway,
  startInBackground,
} from '../support/durable-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const TOKEN = `${part({ alg: 'none' })}.${part({ projectId: 'prPlain' })}.signature`;
const CALLER = { authorization: `Bearer ${TOKEN}` };
/** Of the same project. */
const COLLEAGUE = { authorization: `Basic ${Buffer.from('sandbox-key:').toString('base64')}` };
const PASSTHROUGH = {
  APIVIDEO_API_KEY: '',
  AUTH: 'passthrough',
  VIDEO_RESTORE: 'on',
  UPSTREAM_CONCURRENCY: '2',
};

test('a token that api.video refuses in the middle ends the operation, and is sent a few times at most', async () => {
  const { videos, ids } = createPlainVideos(600);
  let isRevoked = false;
  await using upstream = await startPlainUpstream({
    videos,
    alter: (answer, { authorization }) => {
      if (isRevoked && authorization === CALLER.authorization)
        Object.assign(answer, { status: 401, body: 'refused' });
    },
  });
  await using folder = await createFolder();
  await using gateway = startDurableGateway(upstream.url, { ...PASSTHROUGH, DATA_DIR: folder.path });
  const url = await gateway.url;
  const id = await startInBackground(url, 'deleteVideos', ids, '', CALLER);
  await eventually(() =>
    expect(upstream.requests.filter(({ method }) => method === 'DELETE').length).toBeGreaterThan(10),
  );
  isRevoked = true;
  const before = upstream.requests.length;
  const outcomes = () =>
    [...gateway.output.stdout.matchAll(/\{.*"audit":true.*\}/g)]
      .map(([line]) => JSON.parse(line))
      .filter((line) => line.operationId === id && line.videoId !== undefined);
  await eventually(() => expect(outcomes()).toHaveLength(ids.length));
  const asked = upstream.requests.length - before;

  const operation = await eventually(async () => {
    const found = await readOperation(url, id, COLLEAGUE);
    expect(found.status).toBe('COMPLETED');
    return found;
  });
  const counts = Object.fromEntries(operation.failures.map(({ code, count }) => [code, count]));
  const { UPSTREAM_UNAUTHORIZED: refused = 0, OUTCOME_UNKNOWN: unknown = 0, ...others } = counts;
  expect(others).toEqual({});
  // Those that were being sent, or looked at, at that moment.
  expect(unknown).toBeLessThanOrEqual(10);
  expect(refused).toBe(ids.length - operation.succeeded - unknown);
  expect(new Set(outcomes().map(({ videoId }) => videoId)).size).toBe(ids.length);
  expect(outcomes().filter(({ outcome }) => outcome === 'UPSTREAM_UNAUTHORIZED')).toHaveLength(refused);
  expect(asked).toBeLessThan(20);
});

test('operations whose key was lost are named in the log, and left alone', async () => {
  const { videos, ids } = createPlainVideos(200);
  await using upstream = await startPlainUpstream({ videos });
  await using folder = await createFolder();
  const settings = { ...PASSTHROUGH, DATA_DIR: folder.path };
  const first = startDurableGateway(upstream.url, settings);
  await startInBackground(await first.url, 'deleteVideos', ids, '', CALLER);
  first.child.kill('SIGKILL');
  await first.ended;
  await rm(join(folder.path, 'secret-key'));
  const sent = upstream.requests.filter(({ method }) => method === 'DELETE').length;

  await using second = startDurableGateway(upstream.url, settings);
  await eventually(() => expect(second.output.stdout).toContain('this gateway cannot decrypt'));
  // Another operation makes another key.
  const { videos: _none, ids: more } = createPlainVideos(200);
  const id = await startInBackground(await second.url, 'restoreVideos', more.slice(-1), '', CALLER);
  await eventually(async () =>
    expect((await readOperation(await second.url, id, CALLER)).status).toBe('COMPLETED'),
  );
  expect(upstream.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(sent);
});

test('no item fails when api.video is down while a gateway takes over', async () => {
  const { videos, ids } = createPlainVideos(60);
  let isOut = false;
  await using upstream = await startPlainUpstream({
    videos,
    pause: () => wait(20),
    alter: (answer) => {
      if (isOut) Object.assign(answer, { status: 503, body: 'down' });
    },
  });
  await using folder = await createFolder();
  const settings = { ...PASSTHROUGH, DATA_DIR: folder.path };
  await using first = startDurableGateway(upstream.url, settings);
  const id = await startInBackground(await first.url, 'deleteVideos', ids, '', CALLER);
  await eventually(() =>
    expect(upstream.requests.filter(({ method }) => method === 'DELETE').length).toBeGreaterThan(5),
  );
  first.child.kill('SIGKILL');
  await first.ended;
  isOut = true;

  await using second = startDurableGateway(upstream.url, settings);
  await eventually(() => expect(second.output.stdout).toContain('cannot go on at present'));
  isOut = false;
  await eventually(
    async () =>
      expect(await readOperation(await second.url, id, CALLER)).toMatchObject({
        status: 'COMPLETED',
        succeeded: 60,
        failed: 0,
      }),
    60_000,
  );
});

test('a gateway that is stopped gives an operation up although api.video does not say whose its credentials are', async () => {
  const { videos, ids } = createPlainVideos(60);
  let hangs = false;
  await using upstream = await startPlainUpstream({
    videos,
    pause: async () => {
      while (hangs) await wait(20);
      await wait(20);
    },
  });
  await using folder = await createFolder();
  const settings = { ...PASSTHROUGH, DATA_DIR: folder.path, UPSTREAM_TIMEOUT_MS: '20000' };
  await using first = startDurableGateway(upstream.url, settings);
  await startInBackground(await first.url, 'deleteVideos', ids, '', CALLER);
  first.child.kill('SIGKILL');
  await first.ended;
  hangs = true;
  const before = upstream.requests.length;

  await using second = startDurableGateway(upstream.url, settings);
  await eventually(() => expect(upstream.requests.length).toBeGreaterThan(before));
  second.child.kill('SIGTERM');
  // The request that hangs is cut when the process ends, after seven seconds.
  await eventually(() => expect(second.output.stdout).toContain('no longer works on the operation'), 5_000);
  hangs = false;
  await second.ended;
});

test('credentials that were tampered with in the store end their operation', async () => {
  const { videos, ids } = createPlainVideos(200);
  await using upstream = await startPlainUpstream({ videos });
  await using folder = await createFolder();
  const settings = { ...PASSTHROUGH, DATA_DIR: folder.path };
  await using first = startDurableGateway(upstream.url, settings);
  const id = await startInBackground(await first.url, 'deleteVideos', ids, '', CALLER);
  first.child.kill('SIGKILL');
  await first.ended;
  const database = new DatabaseSync(join(folder.path, 'operations.sqlite'));
  database.exec("UPDATE operation SET credential = CAST(credential || 'x' AS BLOB)");
  database.close();

  await using second = startDurableGateway(upstream.url, settings);
  const operation = await eventually(async () => {
    const found = await readOperation(await second.url, id, CALLER);
    expect(found.status).toBe('COMPLETED');
    return found;
  }, 60_000);
  expect(operation.failures.find(({ code }) => code === 'UPSTREAM_UNAUTHORIZED')?.count).toBeGreaterThan(100);
});

test('a damaged key keeps no operation from going on that needs none', async () => {
  const { videos, ids } = createPlainVideos(20);
  await using upstream = await startPlainUpstream({ videos });
  await using folder = await createFolder();
  await writeFile(join(folder.path, 'secret-key'), 'damaged');
  await using gateway = startDurableGateway(upstream.url, { VIDEO_RESTORE: 'on', DATA_DIR: folder.path });
  const id = await startInBackground(await gateway.url, 'deleteVideos', ids);
  await eventually(async () =>
    expect(await readOperation(await gateway.url, id)).toMatchObject({ status: 'COMPLETED', succeeded: 20 }),
  );
  expect(gateway.output.stdout.match(/credentials cannot be decrypted/g)).toHaveLength(1);
});
