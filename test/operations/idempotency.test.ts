// idempotencyKey: the same key with the same arguments starts one operation, in whatever way the calls come.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import {
  ask,
  deleteVideos,
  endOf,
  KEPT,
  restoreVideos,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { countEach } from '../support/plan-faults.ts';
import { startPostgres } from '../support/postgres.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const KEYED = { background: true, idempotencyKey: 'clean up 7' } as const;
const codes = (errors: readonly { code: string }[]) => errors.map(({ code }) => code);

test('the same key with the same ids, in another order or repeated, answers with the same operation', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos });

  const first = await start(started, ids, KEYED);
  const again = await start(started, [...ids.toReversed(), ...ids], KEYED);
  await endOf(started, first.id);
  const after = await deleteVideos(started, ids, { ...KEYED, waitSeconds: 60 });

  expect([again.id, after.operation?.id]).toEqual([first.id, first.id]);
  expect(after.results).toHaveLength(3);
  expect(countEach(started.sandbox, ids, 'DELETE')).toEqual([1, 1, 1]);
});

test('twenty calls with one key at once start one operation', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos });

  const all = await Promise.all(Array.from({ length: 20 }, () => start(started, ids, KEYED)));

  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  const { operations } = await ask(started, '{ operations { totalCount } }');
  expect(operations).toEqual({ totalCount: 1 });
});

test('one key on two gateways at the same moment starts one operation', async () => {
  const { videos, ids } = createVideos(3);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  await using postgres = await startPostgres();
  const store = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  await using one = await startKeptGateway(sandbox, { store });
  await using other = await startKeptGateway(sandbox, { store });

  const all = await Promise.all(
    Array.from({ length: 10 }, (_, index) => start(index % 2 === 0 ? one : other, ids, KEYED)),
  );

  const [id = '', ...others] = new Set(all.map((operation) => operation.id));
  expect(others).toEqual([]);
  expect(await endOf(other, id)).toMatchObject({ status: 'COMPLETED', succeeded: 3 });
  expect(countEach(sandbox, ids, 'DELETE')).toEqual([1, 1, 1]);
});

test('the key answers after a restart, though the default of PERMANENT_DELETION is another one by then', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  await using folder = await createFolder();
  const before = await startKeptGateway(sandbox, folder);
  const { id } = await start(before, ids, KEYED);
  await endOf(before, id);
  await before[Symbol.asyncDispose]();
  await using after = await startKeptGateway(sandbox, { ...folder, env: { PERMANENT_DELETION: 'allow' } });

  const again = await start(after, ids, KEYED);

  expect(again).toMatchObject({ id, ifPermanent: 'REFUSE' });
});

test('24 hours after the end of its operation, a key is as new', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  await using folder = await createFolder();
  const ends: string[] = [];
  for (const hours of [0, 23.9, 24.1]) {
    // Between two processes, nobody has the file.
    if (hours > 0) {
      const database = new DatabaseSync(join(folder.path, 'operations.sqlite'));
      database.exec(
        `UPDATE operation SET finished_at = ${Date.now() - hours * 3_600_000} WHERE id = '${ends[0]}'`,
      );
      database.close();
    }
    await using gateway = await startKeptGateway(sandbox, folder);
    const { id } = await start(gateway, ids, KEYED);
    await endOf(gateway, id);
    ends.push(id);
  }

  const [first, soon, later] = ends;
  expect(soon).toBe(first);
  expect(later).not.toBe(first);
});

test('a key with other arguments is KEY_REUSED, and starts nothing', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ ...KEPT, videos });
  const { id } = await start(started, ids, KEYED);
  await endOf(started, id);

  const refused = [
    await deleteVideos(started, ids.slice(1), KEYED),
    await deleteVideos(started, ids, { ...KEYED, ifPermanent: 'ALLOW' }),
    await restoreVideos(started, ids, KEYED),
    await undoOperation(started, id, KEYED),
  ];

  expect(refused.map(({ userErrors }) => codes(userErrors))).toEqual(refused.map(() => ['KEY_REUSED']));
  expect(refused.map(({ operation }) => operation)).toEqual([null, null, null, null]);
  expect(started.sandbox.requests.filter(({ method }) => method === 'PATCH')).toEqual([]);
});

test('a durable call with an id of more than 255 characters is refused as a whole', async () => {
  await using started = await startTestGateway(KEPT);
  const [longest, longer] = ['\ud800'.padEnd(255, '?'), '?'.repeat(256)];

  const refused = await Promise.all([
    deleteVideos(started, ['a', longer], { background: true }),
    restoreVideos(started, [longer], { background: true }),
  ]);
  const taken = await deleteVideos(started, [longest], { background: true });
  const alone = await deleteVideos(started, [longer], {});

  for (const { userErrors, operation } of refused) {
    expect(userErrors).toMatchObject([{ code: 'INVALID_ARGUMENT', field: ['ids'] }]);
    expect(operation).toBeNull();
  }
  expect(taken.operation).toMatchObject({ total: 1, failed: 1 });
  expect(alone.results).toMatchObject([{ videoId: longer, code: 'INVALID_ID' }]);
});

test('a key belongs to a durable call, and has 1 to 255 printable ASCII characters', async () => {
  await using started = await startTestGateway(KEPT);
  const keys = ['', 'é', 'a\nb', '\u0000', 'x'.repeat(256)];

  const refused = await Promise.all([
    deleteVideos(started, ['a'], { idempotencyKey: 'key' }),
    restoreVideos(started, ['a'], { idempotencyKey: 'key', background: false }),
    ...keys.map((idempotencyKey) => deleteVideos(started, ['a'], { background: true, idempotencyKey })),
  ]);
  const longest = await deleteVideos(started, ['a'], {
    background: true,
    idempotencyKey: `~ ${'x'.repeat(253)}`,
  });

  for (const { userErrors } of refused)
    expect(userErrors).toMatchObject([{ code: 'INVALID_ARGUMENT', field: ['options', 'idempotencyKey'] }]);
  expect(longest.userErrors).toEqual([]);
});
