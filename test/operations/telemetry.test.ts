// What an operator sees of operations: audit lines with who asked, log lines, metrics and traces.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import {
  cancelOperation,
  endOf,
  findOperation,
  KEPT,
  ONE_WRITE,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test('the audit says who started and cancelled an operation, and what became of each video of it', async () => {
  const { videos, ids } = createVideos(2);
  const { logger, lines } = captureLog('warn');
  await using started = await startTestGateway({ ...KEPT, ...ONE_WRITE, videos, logger });
  const { id } = await start(started, ids, { idempotencyKey: 'k' }, { 'x-request-id': 'first' });
  await start(started, ids, { idempotencyKey: 'k' }, { 'x-request-id': 'second' });
  await eventually(async () => expect(await findOperation(started, id)).toMatchObject({ succeeded: 1 }));
  await cancelOperation(started, id, { 'x-request-id': 'third' });
  await cancelOperation(started, id, { 'x-request-id': 'fourth' });

  const audit = lines.filter((line) => line.audit === true);

  const of = { operationId: id, caller: 'anonymous', project: 'prSandbox', act: 'delete' };
  expect(audit).toHaveLength(3);
  expect(audit).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...of,
        requestId: 'first',
        step: 'started',
        total: 2,
        ifPermanent: 'refuse',
      }),
      expect.objectContaining({ ...of, videoId: expect.any(String), outcome: 'removed' }),
      expect.objectContaining({ ...of, requestId: 'third', step: 'cancelled' }),
    ]),
  );
  expect(audit.find((line) => line.outcome)).not.toHaveProperty('requestId');
});

test('the lines and requests of an operation belong to no request, and its undo names it', async () => {
  const { videos, ids } = createVideos(2);
  const { logger, lines } = captureLog('info');
  await using started = await startTestGateway({ ...KEPT, videos, logger });
  const { id } = await start(started, ids, {}, { 'x-request-id': 'starts-it' });
  await endOf(started, id);
  const undo = await undoOperation(started, id, { background: true }, { 'x-request-id': 'undoes-it' });
  await endOf(started, undo.operation?.id ?? '');

  const ofRequest = lines.filter(({ requestId }) => requestId === 'starts-it');
  expect(ofRequest.map(({ msg }) => msg)).toEqual([
    `operation ${id}, delete of 2: started`,
    expect.stringMatching(/^mutation .*: ok$/),
  ]);
  expect(ofRequest[1]).not.toHaveProperty('outcomes');
  expect(lines.find(({ requestId, step }) => requestId === 'undoes-it' && step)).toMatchObject({
    undoOf: id,
    act: 'restore',
  });
  const own = lines.filter(({ operationId, audit }) => operationId === id && !audit);
  expect(own).toMatchObject([
    { msg: 'a delete operation begins', total: 2 },
    { msg: 'the operation is completed', counts: { removed: 2 } },
  ]);
  const sent = started.sandbox.requests.filter(({ method }) => method === 'DELETE');
  expect(sent.map(({ headers }) => headers['x-request-id'])).not.toContain('starts-it');
});

test('an operation that is cancelled under way ends in one line', async () => {
  const { videos, ids } = createVideos(2);
  const { logger, lines } = captureLog('info');
  await using started = await startTestGateway({ ...KEPT, ...ONE_WRITE, videos, logger });
  const { id } = await start(started, ids);
  await eventually(async () => expect(await findOperation(started, id)).toMatchObject({ succeeded: 1 }));
  await cancelOperation(started, id);
  await endOf(started, id);
  const own = () => lines.filter(({ operationId, audit }) => operationId === id && !audit);

  await eventually(() => expect(own()).toHaveLength(2));
  // A second line would come with the end of the run.
  await wait(1_500);

  expect(own()).toMatchObject([
    { msg: 'a delete operation begins' },
    { msg: 'the operation is cancelled', total: 2, counts: { removed: 1 } },
  ]);
});

test('the metrics count what waits, what ended, takeovers and outcomes', async () => {
  const { videos, ids } = createVideos(3);
  await using sandbox = await startSandbox({ videos, lagMs: 50, limits: ONE_WRITE.limits });
  await using folder = await createFolder();
  // What an earlier process may have sent is looked at five seconds and this time-out later.
  const options = { ...folder, env: { ...ONE_WRITE.env, UPSTREAM_TIMEOUT_MS: '1000' } };
  const scrape = async ({ gateway }: { gateway: { fetch(url: string): Promise<Response> } }) =>
    (await gateway.fetch('http://127.0.0.1/metrics')).text();
  const before = await startKeptGateway(sandbox, options);
  const none = await scrape(before);
  const { id } = await start(before, ids);
  await eventually(async () => expect(await findOperation(before, id)).toMatchObject({ succeeded: 1 }));
  const during = await scrape(before);
  await before[Symbol.asyncDispose]();
  await using after = await startKeptGateway(sandbox, options);
  await eventually(async () =>
    expect(await scrape(after)).toContain('apivideo_graphql_operation_takeovers_total 1'),
  );
  await cancelOperation(after, id);
  await endOf(after, id);

  const end = await scrape(after);

  expect(none).not.toMatch(/^apivideo_graphql_operations\{/m);
  for (const line of [
    'operations{status="running"} 1',
    'operation_videos_pending 2',
    'operations_foreign 0',
    'operation_store_failing 0',
    'outcomes_total{act="delete",outcome="removed"} 1',
  ])
    expect(during).toContain(`apivideo_graphql_${line}\n`);
  for (const line of [
    'operations{status="running"} 0',
    'operation_videos_pending 0',
    'operations_ended_total{act="delete",status="cancelled"} 1',
  ])
    expect(end).toContain(`apivideo_graphql_${line}\n`);
});
