// A gateway that has ended in good order leaves nothing in doubt: the next one ends an operation without waiting for what may still
// be under way.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import { cancelOperation, endOf, findOperation, ONE_WRITE, start } from '../support/operation-calls.ts';
import { countEach } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';

/** What may be under way would be waited for as long as this, and longer than the test. */
const env = { ...ONE_WRITE.env, UPSTREAM_TIMEOUT_MS: '120000' };

test('after a restart, an operation ends with its last video', async () => {
  const { videos, ids } = createVideos(60);
  await using sandbox = await startSandbox({ videos, lagMs: 50, latencyMs: 100 });
  await using folder = await createFolder();
  const before = await startKeptGateway(sandbox, { ...folder, env });
  const { id } = await start(before, ids);
  await eventually(async () => expect((await findOperation(before, id))?.succeeded).toBeGreaterThan(5));
  await before[Symbol.asyncDispose]();
  await using after = await startKeptGateway(sandbox, { ...folder, env });

  expect(await endOf(after, id)).toMatchObject({ status: 'COMPLETED', succeeded: 60, failed: 0 });
  expect(Math.max(...countEach(sandbox, ids, 'DELETE'))).toBe(1);
});

test('after a restart, a cancelled operation ends at once', async () => {
  const { videos, ids } = createVideos(5);
  await using sandbox = await startSandbox({ videos, lagMs: 50, limits: ONE_WRITE.limits });
  await using folder = await createFolder();
  const before = await startKeptGateway(sandbox, { ...folder, env });
  const { id } = await start(before, ids);
  await eventually(async () => expect(await findOperation(before, id)).toMatchObject({ succeeded: 1 }));
  await before[Symbol.asyncDispose]();
  await using after = await startKeptGateway(sandbox, { ...folder, env });
  await eventually(async () => expect(await findOperation(after, id)).toMatchObject({ status: 'RUNNING' }));

  // By then, its run has begun.
  await wait(1_000);
  await cancelOperation(after, id);

  expect(await endOf(after, id)).toMatchObject({ status: 'CANCELLED', succeeded: 1, failed: 4, pending: 0 });
});
