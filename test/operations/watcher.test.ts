// Followers of an operation share one look at the store.
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Operation } from '../../src/operations/operation.ts';
import { Watcher } from '../../src/operations/watcher.ts';

const OPERATION: Operation = {
  id: 'op_1',
  seq: 1,
  project: 'pr1',
  owner: 'ann',
  subject: 'ann',
  kind: 'delete',
  ifPermanent: 'refuse',
  undoOf: null,
  status: 'running',
  total: 10,
  counts: {},
  createdAt: 0,
  finishedAt: null,
  isBeingUndone: false,
};

test('a thousand followers cost one look, get one object, and leave nothing behind', async () => {
  const looks: (readonly string[])[] = [];
  const find = async (ids: readonly string[]) => {
    looks.push(ids);
    return [{ ...OPERATION, target: 'here', counts: { removed: looks.length } }];
  };
  const watcher = new Watcher(() => ({ find }));
  const client = new AbortController();
  const followers = Array.from({ length: 1000 }, () => watcher.follow(OPERATION, client.signal));
  for (const follower of followers) expect((await follower.next()).value).toBe(OPERATION);
  const moved = await Promise.all(followers.map(async (follower) => (await follower.next()).value));
  expect(looks).toEqual([['op_1']]);
  expect(new Set(moved).size).toBe(1);
  expect(moved[0]).toMatchObject({ counts: { removed: 1 } });

  const waiting = followers.map((follower) => follower.next());
  client.abort();
  for (const step of await Promise.all(waiting)) expect(step.done).toBe(true);
  expect(getEventListeners(client.signal, 'abort')).toEqual([]);
});

test('a slow follower gets the latest state, not each', async () => {
  const watcher = new Watcher(() => undefined);
  const client = new AbortController();
  const follower = watcher.follow(OPERATION, client.signal);
  await follower.next();
  for (const removed of [1, 2, 3]) watcher.note({ ...OPERATION, counts: { removed } });
  expect((await follower.next()).value).toMatchObject({ counts: { removed: 3 } });
  client.abort();
  expect((await follower.next()).done).toBe(true);
});
