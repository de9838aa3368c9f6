// cancelOperation: what was not sent stays untouched, and what was sent is settled.
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import {
  ask,
  cancelOperation,
  deleteVideos,
  endOf,
  findOperation,
  KEPT,
  ONE_WRITE,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { always, countEach } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test('a cancelled operation leaves what was not sent untouched, counts it as failed, and can be undone', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, ...ONE_WRITE, videos });
  const { id } = await start(started, ids);
  await eventually(async () => expect(await findOperation(started, id)).toMatchObject({ succeeded: 1 }));

  const { operation, userErrors } = await cancelOperation(started, id);

  expect(userErrors).toEqual([]);
  expect(operation).toMatchObject({ id, status: 'CANCELLED' });
  const end = await endOf(started, id);
  expect(end).toMatchObject({ status: 'CANCELLED', succeeded: 1, failed: 2, pending: 0, undoable: true });
  expect(end.failures).toEqual([{ code: 'NOT_ATTEMPTED', count: 2 }]);
  const shown = await ask(
    started,
    `{ operation(id: "${id}") { results(failedOnly: true) { totalCount nodes { ... on VideoFailure { code message retryable } } } } }`,
  );
  const failure = { code: 'NOT_ATTEMPTED', message: expect.stringContaining('cancelled'), retryable: true };
  expect(shown.operation).toEqual({ results: { totalCount: 2, nodes: [failure, failure] } });
  expect(countEach(started.sandbox, ids, 'DELETE').toSorted()).toEqual([0, 0, 1]);
});

test('it is CANCELLED at once, and finished once what was sent is settled', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ ...KEPT, videos, env: { VIDEO_RESTORE: 'on' } });
  started.sandbox.setFault(always(ids, 'DELETE', { kind: 'delay', ms: 1_500 }));
  const { id } = await start(started, ids);
  await eventually(() => expect(countEach(started.sandbox, ids, 'DELETE')).toEqual([1]));

  const first = await cancelOperation(started, id);
  const second = await cancelOperation(started, id);

  expect([first, second].map(({ operation }) => [operation?.status, operation?.finishedAt])).toEqual([
    ['CANCELLED', null],
    ['CANCELLED', null],
  ]);
  expect(await endOf(started, id)).toMatchObject({ status: 'CANCELLED', succeeded: 1, failed: 0 });
});

test('an operation that has ended stays as it is', async () => {
  await using started = await startTestGateway(KEPT);
  const { id } = await start(started, ['-']);
  const end = await endOf(started, id);

  expect(await cancelOperation(started, id)).toEqual({ operation: end, userErrors: [] });
});

test('what is no operation is OPERATION_NOT_FOUND, for cancel and undo alike', async () => {
  await using started = await startTestGateway(KEPT);
  await start(started, ['-']);

  for (const id of [
    '',
    'op_',
    `op_${'A'.repeat(22)}`,
    'vi4k0jvEUuaTdRAEjQ4Jfrgz',
    `op_${"' OR 1=1 --".padEnd(22)}`,
  ]) {
    const notFound = [{ code: 'OPERATION_NOT_FOUND', field: ['id'] }];
    expect((await cancelOperation(started, id)).userErrors).toMatchObject(notFound);
    for (const background of [false, true])
      expect((await undoOperation(started, id, { background })).userErrors).toMatchObject(notFound);
  }
});

test('a call that waits is answered when its operation is cancelled, with what became of each video', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ ...KEPT, ...ONE_WRITE, videos });
  const waiting = deleteVideos(started, ids, { background: true, waitSeconds: 60, idempotencyKey: 'k' });
  const { id } = await eventually(() => start(started, ids, { idempotencyKey: 'k' }));
  await eventually(async () => expect(await findOperation(started, id)).toMatchObject({ succeeded: 1 }));
  await cancelOperation(started, id);

  const { results, summary } = await waiting;

  expect(summary).toMatchObject({ requested: 2, succeeded: 1, failed: 1, pending: 0 });
  expect(results.map(({ code }) => code).toSorted()).toEqual(['NOT_ATTEMPTED', undefined]);
});
