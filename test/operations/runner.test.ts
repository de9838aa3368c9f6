import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createStore } from '../../src/operations/create-store.ts';
import { StoreError } from '../../src/operations/database.ts';
import type { HeldOperation, OperationStore } from '../../src/operations/operation-store.ts';
import { Runner } from '../../src/operations/runner.ts';
import { openSqlite } from '../../src/operations/sqlite.ts';
import { Storage } from '../../src/operations/storage.ts';
import { createProject } from '../../src/project/create-project.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { createApiKeyCredentials } from '../../src/upstream/credentials.ts';
import { createConnections } from '../../src/upstream/transport.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { newOperation, TARGET } from '../support/new-operation.ts';
import { startSandbox } from '../support/sandbox.ts';

async function startRunner(sandbox: Sandbox, store: OperationStore) {
  const connections = createConnections({
    baseUrl: new URL(sandbox.url),
    connections: 100,
    timeoutMs: 2_000,
  });
  const project = createProject(connections, {
    dialect: 'auto',
    videoRestore: 'probe',
    concurrency: 5,
    timeoutMs: 2_000,
    lagMs: 300,
    readCacheMs: 0,
    onFault: (fault) => process.stderr.write(`${String(fault)}\n`),
  });
  const credentials = createApiKeyCredentials(project.transport, 'sandbox-key');
  const storage = new Storage({ open: async () => store, isThere: true, onOpen: () => {} });
  const outcomes: string[] = [];
  const runner = new Runner({
    storage,
    target: async () => TARGET,
    secretId: async () => undefined,
    onEnd: () => {},
    enter: async (_held: HeldOperation) => ({ project, credentials, areCredentialsFinal: false }),
    onOutcome: (_operation, id, outcome) => outcomes.push(`${id} ${outcome.kind}`),
    onProbeWrite: () => undefined,
    logger: pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
  });
  await storage.open();
  runner.wake();
  return {
    runner,
    outcomes,
    async [Symbol.asyncDispose]() {
      await runner.drain();
      project.end();
      await connections.close();
    },
  };
}

async function openMemory(): Promise<OperationStore & AsyncDisposable> {
  const store = await createStore(await openSqlite({ file: ':memory:', busyMs: 0 }));
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}

test('an operation goes on through windows of the rate limit until each video is removed', async () => {
  const { videos, ids } = createVideos(600);
  await using sandbox = await startSandbox({
    videos,
    limits: { reads: 1_000, writes: 300 },
    windowMs: 3_000,
    lagMs: 50,
  });
  await using store = await openMemory();
  await using _running = await startRunner(sandbox, store);
  await store.create(newOperation(), ids, new Set());
  await eventually(async () => {
    const [operation] = await store.find(['op_1']);
    expect(operation?.status).toBe('completed');
  });
  const [operation] = await store.find(['op_1']);
  expect(operation?.counts).toEqual({ removed: 600 });
  const deletes = sandbox.requests.filter(
    ({ method, path }) => method === 'DELETE' && ids.some((id) => path.endsWith(id)),
  );
  expect(deletes).toHaveLength(600);
});

test('an owner with a hundred operations under way leaves a place to another', async () => {
  const { videos, ids } = createVideos(103);
  await using sandbox = await startSandbox({ videos, limits: { reads: 1_000, writes: 1 }, windowMs: 60_000 });
  await using store = await openMemory();
  for (const [index, id] of ids.slice(1).entries())
    await store.create(newOperation({ id: `op_ann_${index}`, owner: 'ann', mostOpen: 200 }), [id], new Set());
  await using _running = await startRunner(sandbox, store);
  const statuses = async () => {
    const all = { target: TARGET, project: 'project', owner: 'ann' };
    const operations = await store.list(all, undefined, { limit: 200, fromEnd: false });
    return operations.filter(({ status }) => status !== 'queued');
  };
  await eventually(async () => expect((await statuses()).length).toBeGreaterThanOrEqual(100));
  await store.create(newOperation({ id: 'op_bob', owner: 'bob' }), ids.slice(0, 1), new Set());
  await eventually(async () => expect((await store.find(['op_bob']))[0]?.status).toBe('running'));
});

test('a store that acquires nothing is asked at growing intervals', async () => {
  const { videos, ids } = createVideos(1);
  await using sandbox = await startSandbox({ videos });
  await using store = await openMemory();
  await store.create(newOperation(), ids, new Set());
  let asked = 0;
  const failing: OperationStore = {
    ...store,
    acquire: async () => {
      asked += 1;
      throw new Error('the store fails');
    },
  };
  await using _running = await startRunner(sandbox, failing);

  await eventually(() => expect(asked).toBeGreaterThanOrEqual(2));
  await wait(5_500);

  // At once, then one, two and four seconds apart at least, where each second brings a look.
  expect(asked).toBeLessThanOrEqual(4);
});

test('an operation whose items the store fails to read rests for longer each time, and others go on', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  await using store = await openMemory();
  await store.create(newOperation({ owner: 'ann' }), ids.slice(0, 1), new Set());
  const [bad] = await store.find(['op_1']);
  let asked = 0;
  const failing: OperationStore = {
    ...store,
    pending: async (seq, from, limit) => {
      if (seq !== bad?.seq) return store.pending(seq, from, limit);
      asked += 1;
      throw new StoreError('database disk image is malformed', { code: 11 });
    },
  };
  await using _running = await startRunner(sandbox, failing);
  await eventually(() => expect(asked).toBeGreaterThanOrEqual(2));
  await store.create(newOperation({ id: 'op_bob', owner: 'bob' }), ids.slice(1), new Set());

  await eventually(async () => expect((await store.find(['op_bob']))[0]?.status).toBe('completed'));
  await wait(4_000);

  // At once, then one, two, four and eight seconds apart.
  expect(asked).toBeLessThanOrEqual(5);
});

test('an operation whose row cannot be read keeps nobody else waiting', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, lagMs: 50 });
  const database = await openSqlite({ file: ':memory:', busyMs: 0 });
  const store = await createStore(database);
  await store.create(newOperation({ owner: 'ann' }), ids.slice(0, 1), new Set());
  await store.create(newOperation({ id: 'op_bob', owner: 'bob' }), ids.slice(1), new Set());
  // As a newer version may have written it.
  await database.query('UPDATE operation SET counts = $2 WHERE id = $1', 'op_1', '{"FUTURE":1}');
  {
    await using _running = await startRunner(sandbox, store);
    await eventually(async () => expect((await store.find(['op_bob']))[0]?.status).toBe('completed'));
  }
  await store.close();
  expect(sandbox.state(ids[0] ?? '')).toBe('live');
});
