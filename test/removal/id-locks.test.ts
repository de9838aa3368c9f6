// Locks on ids, on a clock of nobody: what counts is the order of turns.
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { IdLocks } from '../../src/removal/id-locks.ts';

const FOR_LONG = { deadline: Number.POSITIVE_INFINITY };

test('runs one act at a time, though a waiter gives up in the turn in which the holder ends', async () => {
  const locks = new IdLocks();
  const gone = new AbortController();
  const { promise: held, resolve: end } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const act = async () => {
    running += 1;
    most = Math.max(most, running);
    await setImmediate();
    await setImmediate();
    running -= 1;
  };

  const first = locks.run('vi1', FOR_LONG, () => held);
  const givenUp = locks.run('vi1', { ...FOR_LONG, signal: gone.signal }, act);
  await setImmediate();
  gone.abort();
  await null;
  end();
  await null;
  await null;
  const next = locks.run('vi1', FOR_LONG, act);
  await setImmediate();
  expect(locks.isHeld('vi1')).toBe(true);
  const last = locks.run('vi1', FOR_LONG, act);
  await Promise.all([first, givenUp, next, last]);

  expect(most).toBe(1);
  expect(locks.isHeld('vi1')).toBe(false);
});

test('answers undefined, and does not act, if the deadline comes before the turn', async () => {
  const locks = new IdLocks();
  const { promise: held, resolve: end } = Promise.withResolvers<string>();
  const first = locks.run('vi1', FOR_LONG, () => held);
  let acted = false;

  const late = await locks.run('vi1', { deadline: performance.now() + 5 }, async () => {
    acted = true;
  });

  expect(late).toBeUndefined();
  expect(acted).toBe(false);
  end('done');
  expect(await first).toBe('done');
});
