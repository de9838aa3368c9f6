// A call with background: true: what it answers, when, and what it refuses.
import { expect, test } from 'vitest';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  ask,
  deleteVideos,
  endOf,
  findOperation,
  KEPT,
  restoreVideos,
  start,
} from '../support/operation-calls.ts';
import { countEach } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** Writes for one video, and none for the next within the test. */
const ONE_WRITE = { limits: { reads: 500, writes: 1 }, env: { VIDEO_RESTORE: 'on' } };
const codes = (errors: readonly { code: string }[]) => errors.map(({ code }) => code);

test('a deletion in the background is answered before anything is sent, and goes on until each video is removed', async () => {
  const { videos, ids } = createVideos(20);
  await using started = await startTestGateway({ ...KEPT, videos, latencyMs: 50 });

  const { results, summary, operation } = await deleteVideos(started, ids);

  expect(countEach(started.sandbox, ids, 'DELETE')).toEqual(ids.map(() => 0));
  expect(results).toEqual([]);
  expect(summary).toEqual({ requested: 20, succeeded: 0, failed: 0, pending: 20, retryAfterSeconds: null });
  expect(operation).toMatchObject({
    kind: 'DELETE',
    status: 'QUEUED',
    total: 20,
    pending: 20,
    ifPermanent: 'REFUSE',
  });
  const end = await endOf(started, operation?.id ?? '');
  expect(end).toMatchObject({ status: 'COMPLETED', succeeded: 20, failed: 0, pending: 0, undoable: true });
  expect(countEach(started.sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
});

test('waitSeconds with background waits for the end, and then has the results in the order of the ids', async () => {
  const { videos, ids } = createRemovedVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos });

  const { results, summary, operation } = await restoreVideos(started, ids, {
    background: true,
    waitSeconds: 60,
  });

  expect(results).toEqual(ids.map((videoId) => ({ __typename: 'VideoRestored', videoId })));
  expect(summary).toMatchObject({ requested: 3, succeeded: 3, pending: 0 });
  expect(operation).toMatchObject({
    kind: 'RESTORE',
    status: 'COMPLETED',
    ifPermanent: null,
    undoable: false,
  });
});

test('a call whose wait is over before the end has no results, and the operation goes on', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, ...ONE_WRITE, videos });

  const { results, summary, operation } = await deleteVideos(started, ids, {
    background: true,
    waitSeconds: 1,
  });

  expect(results).toEqual([]);
  expect(summary).toMatchObject({ requested: 2, failed: 0 });
  expect(summary.pending).toBe(2 - summary.succeeded);
  expect(operation).toMatchObject({ finishedAt: null, pending: summary.pending });
  const id = operation?.id ?? '';
  await eventually(async () =>
    expect(await findOperation(started, id)).toMatchObject({ succeeded: 1, pending: 1 }),
  );
});

test('a client that leaves while it waits does not stop the operation', async () => {
  const { videos, ids } = createVideos(4);
  await using started = await startTestGateway({ ...KEPT, videos, latencyMs: 20 });
  const leaving = new AbortController();
  const query = `mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { background: true, waitSeconds: 60 }) { summary { pending } } }`;
  const call = started.post({ query, variables: { ids } }, { signal: leaving.signal }).catch(() => 'gone');
  await eventually(async () => {
    const { operations } = await ask(started, '{ operations { totalCount } }');
    expect(operations).toEqual({ totalCount: 1 });
  });

  leaving.abort();

  await call;
  await eventually(() => expect(countEach(started.sandbox, ids, 'DELETE')).toEqual([1, 1, 1, 1]));
});

test('ids that can be none fail alone, and repeated ids count once', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, videos });

  const { operation } = await deleteVideos(started, [...ids, 'not an id', ...ids]);

  expect(operation).toMatchObject({ total: 3, failed: 1, failures: [{ code: 'INVALID_ID', count: 1 }] });
  expect(await endOf(started, operation?.id ?? '')).toMatchObject({ succeeded: 2, failed: 1, pending: 0 });
});

test('an operation of invalid ids alone ends, and sends nothing', async () => {
  await using started = await startTestGateway(KEPT);

  const { id } = await start(started, ['-', '+']);

  expect(await endOf(started, id)).toMatchObject({
    status: 'COMPLETED',
    total: 2,
    failed: 2,
    undoable: false,
  });
  expect(started.calls()).toEqual([]);
});

test('a durable call refuses no ids, too many, and a wrong wait, and starts nothing', async () => {
  await using started = await startTestGateway({ ...KEPT, env: { MAX_IDS: '1', MAX_BACKGROUND_IDS: '3' } });

  const none = await deleteVideos(started, []);
  const many = await deleteVideos(started, ['a', 'b', 'c', 'd']);
  const long = await deleteVideos(started, ['a'], { background: true, waitSeconds: 61 });

  expect([none, many, long].map(({ userErrors }) => codes(userErrors))).toEqual([
    ['NO_IDS'],
    ['TOO_MANY_IDS'],
    ['INVALID_ARGUMENT'],
  ]);
  expect(many).toMatchObject({ results: [], operation: null, summary: { requested: 0 } });
  const { operations, viewer } = await ask(
    started,
    '{ operations { totalCount } viewer { maxIds maxBackgroundIds } }',
  );
  expect(operations).toEqual({ totalCount: 0 });
  expect(viewer).toEqual({ maxIds: 1, maxBackgroundIds: 3 });
});

test('all durable calls of a request together name MAX_BACKGROUND_IDS ids, beside those of other calls', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({
    ...KEPT,
    videos,
    env: { MAX_IDS: '1', MAX_BACKGROUND_IDS: '3' },
  });

  const data = await ask(
    started,
    `mutation ($live: [ID!]!) {
      now: deleteVideos(ids: $live) { summary { succeeded } userErrors { code } }
      first: deleteVideos(ids: ["a", "b"], options: { background: true }) { userErrors { code } }
      second: restoreVideos(ids: ["c", "d"], options: { background: true }) { userErrors { code } }
      third: restoreVideos(ids: ["c"], options: { background: true }) { userErrors { code } } }`,
    { live: ids.slice(0, 1) },
  );

  expect(data).toEqual({
    now: { summary: { succeeded: 1 }, userErrors: [] },
    first: { userErrors: [] },
    second: { userErrors: [{ code: 'TOO_MANY_IDS' }] },
    third: { userErrors: [] },
  });
});

test('an operation larger than MAX_IDS has its results in its pages alone', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos, env: { MAX_IDS: '2' } });

  const { results, summary, operation } = await deleteVideos(started, ids, {
    background: true,
    waitSeconds: 60,
  });

  expect(results).toEqual([]);
  expect(summary).toMatchObject({ requested: 3, succeeded: 3 });
  expect(await findOperation(started, operation?.id ?? '')).toMatchObject({
    status: 'COMPLETED',
    succeeded: 3,
  });
});

test('more unfinished operations than MAX_OPEN_OPERATIONS are refused, until one has ended', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({
    ...KEPT,
    videos,
    limits: ONE_WRITE.limits,
    env: { ...ONE_WRITE.env, MAX_OPEN_OPERATIONS: '1' },
  });
  const open = await start(started, ids.slice(0, 2), { idempotencyKey: 'again' });

  const refused = await deleteVideos(started, ids.slice(2));
  const again = await start(started, ids.slice(0, 2), { idempotencyKey: 'again' });

  expect(codes(refused.userErrors)).toEqual(['TOO_MANY_OPERATIONS']);
  expect(refused.operation).toBeNull();
  expect(again.id).toBe(open.id);
});
