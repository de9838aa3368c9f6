// What callers read must not hold up what an operation records before it sends.
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createStore } from '../../src/operations/create-store.ts';
import type { OperationStore } from '../../src/operations/operation-store.ts';
import { Operations } from '../../src/operations/operations.ts';
import { openSqlite } from '../../src/operations/sqlite.ts';
import { Storage } from '../../src/operations/storage.ts';
import { Watcher } from '../../src/operations/watcher.ts';
import { newOperation, TARGET } from '../support/new-operation.ts';

test('the store has two reads of callers at a time, and a cancellation waits for none', async () => {
  const store = await createStore(await openSqlite({ file: ':memory:', busyMs: 0 }));
  const created = await store.create(newOperation(), ['vi1'], new Set());
  if (created.kind !== 'created') throw new Error(`expected an operation, and got ${created.kind}`);
  const { operation } = created;
  let reading = 0;
  let most = 0;
  const slow: OperationStore = {
    ...store,
    async results(...given) {
      reading += 1;
      most = Math.max(most, reading);
      await wait(50);
      reading -= 1;
      return store.results(...given);
    },
  };
  const storage = new Storage({ open: async () => slow, isThere: true, onOpen: () => {} });
  const cancelled: string[] = [];
  const operations = new Operations({
    storage,
    target: { find: async () => TARGET },
    secretKey: { find: async () => undefined, make: () => Promise.reject(new Error('nothing is kept')) },
    mostOpen: 10,
    runner: { wake: () => {}, note: ({ status }) => cancelled.push(status) },
    watcher: new Watcher(() => storage.store),
    audit: { operation: () => {} },
    stopping: new AbortController().signal,
  });
  let done = 0;
  const reads = Array.from({ length: 20 }, () =>
    operations.results(operation, false, { limit: 10, fromEnd: false }).then(() => {
      done += 1;
    }),
  );

  await operations.cancel(
    {
      subject: 'somebody',
      holder: { project: 'project', owner: 'owner', presented: undefined },
      managesAll: false,
      credentials: undefined,
    },
    operation,
  );
  const doneBefore = done;
  await Promise.all(reads);

  expect(cancelled).toEqual(['cancelled']);
  expect(doneBefore).toBeLessThan(20);
  expect(most).toBe(2);
  await storage.close();
});
