// Calls while the store of operations, or api.video, cannot be used: foreground calls notice nothing.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import {
  answer,
  ask,
  cancelOperation,
  deleteVideos,
  findOperation,
  start,
} from '../support/operation-calls.ts';
import { startSandbox } from '../support/sandbox.ts';

const DURABLE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { background: true }) { userErrors { code } } }';

test('calls in the foreground need no store, and durable ones say why it cannot be used', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  await using folder = await createFolder();
  await writeFile(
    join(folder.path, 'operations.sqlite'),
    'no database, but a text that is long enough to be read',
  );
  await using gateway = await startKeptGateway(sandbox, folder);

  const { data, errors } = await answer(gateway, `${DURABLE}`, { ids });
  const { summary } = await deleteVideos(gateway, ids, {});
  const both = await answer(
    gateway,
    '{ viewer { maxIds } operations { totalCount } operation(id: "op_AAAAAAAAAAAAAAAAAAAAAA") { id } }',
  );

  expect(data).toEqual({ deleteVideos: null });
  expect(errors).toMatchObject([{ extensions: { code: 'STORAGE_UNAVAILABLE' } }]);
  expect(errors[0]?.message).toContain('damaged');
  expect(JSON.stringify([errors, both.errors])).not.toContain(folder.path);
  expect(summary).toMatchObject({ succeeded: 2 });
  expect(both.data).toEqual({ viewer: { maxIds: 1000 }, operations: null, operation: null });
});

test('foreground calls go on while the database cannot be reached, and durable ones name no address', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  const url = 'postgres://somebody:secret@127.0.0.1:1/operations';
  await using gateway = await startKeptGateway(sandbox, { store: { kind: 'postgres', url } });

  const { summary } = await deleteVideos(gateway, ids, {});
  const { errors } = await answer(gateway, DURABLE, { ids });
  const metrics = await (await gateway.gateway.fetch('http://127.0.0.1/metrics')).text();

  expect(summary).toMatchObject({ succeeded: 2 });
  expect(errors).toMatchObject([{ extensions: { code: 'STORAGE_UNAVAILABLE' } }]);
  expect(errors[0]?.message).toContain('cannot be reached');
  expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|postgres:|somebody|secret/);
  expect(metrics).toContain('apivideo_graphql_operation_store_failing 1');
});

test('a gateway that keeps no operations refuses durable calls, and shows none', async () => {
  await using sandbox = await startSandbox();
  await using gateway = await startKeptGateway(sandbox, { store: { kind: 'none' } });

  const { errors } = await answer(gateway, DURABLE, { ids: ['a'] });

  expect(errors).toMatchObject([{ extensions: { code: 'STORAGE_UNAVAILABLE' } }]);
  expect(
    await ask(gateway, '{ operations { totalCount } node(id: "op_AAAAAAAAAAAAAAAAAAAAAA") { id } }'),
  ).toEqual({
    operations: { totalCount: 0 },
    node: null,
  });
});

test('after a restart, a caller sees and cancels operations while api.video is down', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50, limits: { reads: 500, writes: 1 } });
  await using folder = await createFolder();
  const env = { VIDEO_RESTORE: 'on' };
  const before = await startKeptGateway(sandbox, { ...folder, env });
  const { id } = await start(before, ids);
  await before[Symbol.asyncDispose]();
  sandbox.setFault(() => ({ kind: 'hang', acts: false }));
  await using after = await startKeptGateway(sandbox, { ...folder, env });

  const found = await findOperation(after, id);
  const { operations } = await ask(after, '{ operations(unfinished: true) { totalCount } }');
  const { operation } = await cancelOperation(after, id);

  expect(found).toMatchObject({ id, finishedAt: null });
  expect(operations).toEqual({ totalCount: 1 });
  expect(operation).toMatchObject({ status: 'CANCELLED' });
});
