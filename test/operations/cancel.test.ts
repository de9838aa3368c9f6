// cancelOperation: what was not sent stays untouched, and what was sent is settled.
import { expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/types.ts';
import { createFolder } from '../support/create-folder.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import {
  ask,
  cancelOperation,
  deleteVideos,
  endOf,
  findOperation,
  KEPT,
  ONE_WRITE,
  restoreVideos,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { always, countEach } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

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

const NO_WRITE_FOR_A_MINUTE: Fault = {
  kind: 'answer',
  acts: false,
  status: 429,
  headers: { 'Retry-After': '60' },
};

/** The operation once it has ended, which must be far sooner than the next write is allowed. */
const endSoonOf = (started: Pick<TestGateway, 'post'>, id: string) =>
  eventually(async () => {
    const operation = await findOperation(started, id);
    expect(operation?.finishedAt).not.toBeNull();
    return operation;
  }, 25_000);

for (const { act, method, created, startAct } of [
  { act: 'deletion', method: 'DELETE', created: createVideos, startAct: deleteVideos },
  { act: 'restore', method: 'PATCH', created: createRemovedVideos, startAct: restoreVideos },
] as const)
  for (const { moment, isLookedAt } of [
    { moment: 'before it is looked at', isLookedAt: false },
    { moment: 'while it waits for the next write', isLookedAt: true },
  ])
    test(`a ${act} that an earlier process may have sent, cancelled ${moment}, ends without a write`, async () => {
      const { videos, ids } = created(1);
      const other = createRemovedVideos(1);
      await using sandbox = await startSandbox({ videos: [...videos, ...other.videos], lagMs: 50 });
      await using folder = await createFolder();
      const startGateway = (timeoutMs: number) =>
        startKeptGateway(sandbox, {
          ...folder,
          env: { ...ONE_WRITE.env, UPSTREAM_TIMEOUT_MS: String(timeoutMs) },
        });
      // The write is held, and never acts. The process ends before it is known what became of it.
      sandbox.setFault(always(ids, method, { kind: 'hang', acts: false }));
      const before = await startGateway(3_000);
      const { operation } = await startAct(before, ids);
      const id = operation?.id ?? '';
      await eventually(() => expect(countEach(sandbox, ids, method)).toEqual([1]));
      await before[Symbol.asyncDispose]();
      expect(countEach(sandbox, ids, method)).toEqual([1]);
      sandbox.setFault(always(other.ids, 'PATCH', NO_WRITE_FOR_A_MINUTE));
      const looks = countEach(sandbox, ids, 'GET');
      await using after = await startGateway(1_000);
      await restoreVideos(after, other.ids, { waitSeconds: 0 });
      expect(countEach(sandbox, other.ids, 'PATCH')).toEqual([1]);
      if (isLookedAt) await eventually(() => expect(countEach(sandbox, ids, 'GET')).not.toEqual(looks));

      await cancelOperation(after, id);

      const end = await endSoonOf(after, id);
      expect(end).toMatchObject({ status: 'CANCELLED', succeeded: 0, failed: 1 });
      expect(end?.failures).toEqual([{ code: 'OUTCOME_UNKNOWN', count: 1 }]);
      expect(countEach(sandbox, ids, 'GET')).not.toEqual(looks);
      expect(countEach(sandbox, ids, method)).toEqual([1]);
    });

test('a cancelled deletion whose answer was lost, and that could not be looked at, ends once it can be', async () => {
  const { videos, ids } = createVideos(1);
  const { videos: removed, ids: others } = createRemovedVideos(1);
  const env = { ...ONE_WRITE.env, UPSTREAM_TIMEOUT_MS: '1000' };
  await using started = await startTestGateway({ ...KEPT, videos: [...videos, ...removed], env });
  const { sandbox } = started;
  let isDown = false;
  sandbox.setFault(({ method }) => {
    if (method === 'DELETE') return { kind: 'hang', acts: false };
    if (method === 'PATCH') return NO_WRITE_FOR_A_MINUTE;
    return method === 'GET' && isDown ? { kind: 'answer', acts: false, status: 503 } : undefined;
  });
  const { id } = await start(started, ids);
  await eventually(() => expect(countEach(sandbox, ids, 'DELETE')).toEqual([1]));
  await restoreVideos(started, others, { waitSeconds: 0 });
  expect(countEach(sandbox, others, 'PATCH')).toEqual([1]);
  isDown = true;
  await cancelOperation(started, id);
  const failing = () => sandbox.requests.filter(({ status }) => status === 503);
  // More than one look makes: it has given up, and a later one decides.
  await eventually(() => expect(failing().length).toBeGreaterThan(12));
  isDown = false;

  const end = await endSoonOf(started, id);
  expect(end).toMatchObject({ status: 'CANCELLED', succeeded: 0, failed: 1 });
  expect(end?.failures).toEqual([{ code: 'OUTCOME_UNKNOWN', count: 1 }]);
  expect(countEach(sandbox, ids, 'DELETE')).toEqual([1]);
});
