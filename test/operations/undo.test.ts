// undoOperation: restores exactly what the operation has removed.
import { expect, test } from 'vitest';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  cancelOperation,
  deleteVideos,
  endOf,
  findOperation,
  KEPT,
  restoreVideos,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { always, countEach } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const codes = (errors: readonly { code: string }[]) => errors.map(({ code }) => code);

test('an undo restores what the operation removed, and nothing that was removed before', async () => {
  const live = createVideos(2);
  const before = createRemovedVideos(1);
  await using started = await startTestGateway({ ...KEPT, videos: [...live.videos, ...before.videos] });
  const { id } = await start(started, [...before.ids, ...live.ids, '-']);
  expect(await endOf(started, id)).toMatchObject({ succeeded: 3, failed: 1, undoable: true });

  const { results, summary, operation } = await undoOperation(started, id);

  expect(results).toEqual(live.ids.map((videoId) => ({ __typename: 'VideoRestored', videoId })));
  expect(summary).toMatchObject({ requested: 2, succeeded: 2, failed: 0, pending: 0 });
  expect(operation).toBeNull();
  expect(countEach(started.sandbox, before.ids, 'PATCH')).toEqual([0]);
});

test('an undo in the background is an operation of its own, which names the one that it undoes', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos, env: { MAX_IDS: '2' } });
  const { id } = await start(started, ids);
  await endOf(started, id);

  const here = await undoOperation(started, id);
  const undone = await undoOperation(started, id, { background: true, waitSeconds: 60 });

  expect(here.userErrors).toMatchObject([{ code: 'TOO_MANY_IDS', field: ['options', 'background'] }]);
  expect(undone.operation).toMatchObject({
    kind: 'RESTORE',
    undoOf: id,
    total: 3,
    succeeded: 3,
    undoable: false,
  });
  expect(countEach(started.sandbox, ids, 'PATCH')).toEqual([1, 1, 1]);
});

test.each([{ background: false }, { background: true }])(
  'what somebody else has restored and removed again is CHANGED_SINCE, with %o',
  async ({ background }) => {
    const { videos, ids } = createVideos(2);
    const [theirs = '', ours = ''] = ids;
    await using started = await startTestGateway({ ...KEPT, videos });
    const { id } = await start(started, ids);
    await endOf(started, id);
    await restoreVideos(started, [theirs], {});
    // api.video dates removals in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    await deleteVideos(started, [theirs], {});

    const { results } = await undoOperation(started, id, { background, waitSeconds: 60 });

    expect(results).toMatchObject([
      { __typename: 'VideoFailure', videoId: theirs, code: 'CHANGED_SINCE' },
      { __typename: 'VideoRestored', videoId: ours },
    ]);
    expect(countEach(started.sandbox, [theirs], 'PATCH')).toEqual([1]);
  },
);

test('after an undo that was cancelled, another one restores the rest', async () => {
  const { videos, ids } = createVideos(2);
  const [first = '', second = ''] = ids;
  await using started = await startTestGateway({ ...KEPT, videos });
  const { id } = await start(started, ids);
  await endOf(started, id);
  started.sandbox.setFault(always([second], undefined, { kind: 'answer', acts: false, status: 500 }));
  const undo = await undoOperation(started, id, { background: true });
  const undoId = undo.operation?.id ?? '';
  await eventually(async () => expect(await findOperation(started, undoId)).toMatchObject({ succeeded: 1 }));

  const beside = await undoOperation(started, id, { background: true });
  const besideHere = await undoOperation(started, id);
  await cancelOperation(started, undoId);
  const end = await endOf(started, undoId);
  started.sandbox.setFault(undefined);
  const again = await undoOperation(started, id, { background: true, waitSeconds: 60 });

  expect([beside, besideHere].map(({ userErrors }) => codes(userErrors))).toEqual([
    ['OPERATION_NOT_UNDOABLE'],
    ['OPERATION_NOT_UNDOABLE'],
  ]);
  expect(end).toMatchObject({ status: 'CANCELLED', succeeded: 1, failed: 1 });
  expect(again.results.map(({ __typename, videoId }) => [__typename, videoId])).toEqual([
    ['VideoRestored', first],
    ['VideoRestored', second],
  ]);
});

test('an operation that goes on, a restore, an undo, and one that removed nothing are not undoable', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, videos });
  const removed = await start(started, ids.slice(0, 1));
  await endOf(started, removed.id);
  const undo =
    (await undoOperation(started, removed.id, { background: true, waitSeconds: 60 })).operation?.id ?? '';
  const restored = (await restoreVideos(started, ['-'])).operation?.id ?? '';
  await endOf(started, restored);
  const nothing = await start(started, ['-']);
  await endOf(started, nothing.id);
  started.sandbox.setFault(always(ids, undefined, { kind: 'answer', acts: false, status: 500 }));
  const open = await start(started, ids.slice(1));

  for (const id of [undo, restored, nothing.id, open.id])
    for (const background of [false, true])
      expect(codes((await undoOperation(started, id, { background })).userErrors)).toEqual([
        'OPERATION_NOT_UNDOABLE',
      ]);
});

test('an undo with a key starts once, also after it has ended', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, videos });
  const { id } = await start(started, ids);
  await endOf(started, id);
  const keyed = { background: true, idempotencyKey: 'undo' };

  const all = await Promise.all([1, 2, 3, 4].map(() => undoOperation(started, id, keyed)));
  const [undo = ''] = all.map(({ operation }) => operation?.id);
  await endOf(started, undo);
  const after = await undoOperation(started, id, keyed);

  expect(new Set([...all, after].map(({ operation }) => operation?.id))).toEqual(new Set([undo]));
  expect(countEach(started.sandbox, ids, 'PATCH')).toEqual([1, 1]);
});

test('undos in the background count against the ids of their request', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, videos, env: { MAX_BACKGROUND_IDS: '2' } });
  const { id } = await start(started, ids);
  await endOf(started, id);

  const { data } = await started.post({
    query: `mutation { first: deleteVideos(ids: ["a"], options: { background: true }) { userErrors { code } }
      undo: undoOperation(id: "${id}", options: { background: true }) { userErrors { code } } }`,
  });

  expect(data).toEqual({ first: { userErrors: [] }, undo: { userErrors: [{ code: 'TOO_MANY_IDS' }] } });
});
