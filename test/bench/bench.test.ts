// The benchmark's building blocks on tiny sizes: what is counted, never what it takes.
import { describe, expect, test } from 'vitest';
import { benchBudgets } from './budgets.ts';
import { benchDeletions } from './deletions.ts';
import { benchLimitedPages } from './limited-pages.ts';
import { benchLookups } from './lookups.ts';
import { benchCosts, createFolderStore } from './operations.ts';
import { GATEWAY, PROXY } from './page-contestants.ts';
import { benchPages } from './pages.ts';
import { benchProcesses } from './processes.ts';
import { benchSubscribers } from './subscribers.ts';
import { ms, renderTable } from './table.ts';
import { compare } from './timing.ts';
import { benchWebApp } from './web-app.ts';

describe('the benchmark', { concurrent: true, timeout: 180_000 }, () => {
  test('costs one upstream call a page, at the gateway as at the proxy', async () => {
    const options = { connections: 4, rounds: 2, roundMs: 100, warmUpMs: 50 };
    const results = await benchPages([GATEWAY, PROXY], options);
    expect(results.map(({ name }) => name)).toEqual(['gateway', 'bare node:http proxy']);
    for (const { pages, upstreamCalls, micros, cpuMicros } of results) {
      expect(pages).toBeGreaterThanOrEqual(8);
      expect(upstreamCalls).toBe(pages);
      expect([micros.length, cpuMicros.length]).toEqual([2, 2]);
    }
  });

  test('costs one upstream call for all who ask for the same page within a second', async () => {
    const options = { connections: 4, rounds: 2, roundMs: 100, warmUpMs: 50, isSame: true };
    const [gateway, proxy] = await benchPages([GATEWAY, PROXY], options);
    expect(gateway?.pages).toBeGreaterThanOrEqual(8);
    expect(gateway?.upstreamCalls).toBeLessThanOrEqual(2);
    expect(proxy?.upstreamCalls).toBe(proxy?.pages);
  });

  test('answers everybody who asks for the same page, where upstream allows few', async () => {
    const options = { connections: 4, ms: 5_000, reads: 2 };
    const [gateway, proxy] = await benchLimitedPages([GATEWAY, PROXY], options);
    expect(gateway).toMatchObject({ name: 'gateway', upstreamPages: 2 });
    expect(proxy).toMatchObject({ answers: 2, upstreamPages: 2 });
    expect(gateway?.answers).toBeGreaterThan(2);
    expect(proxy?.errors).toBeGreaterThan(2);
  });

  test('says which contestant did not start, and goes on', async () => {
    const gone = {
      ...PROXY,
      name: 'gone',
      start: () => Promise.reject(new Error('not installed')),
    };
    const results = await benchPages([PROXY, gone], {
      connections: 1,
      rounds: 1,
      roundMs: 1,
      warmUpMs: 1,
    });
    expect(results.map(({ absent }) => absent)).toEqual([undefined, 'not installed']);
  });

  test('sends one DELETE an id, whoever sends it', async () => {
    const { calls, ms } = await benchDeletions(12, { latencyMs: 0, rounds: 1, oneByOneRounds: 1 });
    expect(calls.deletes).toBe(12);
    // Each is read back once.
    expect(calls.all).toBe(24);
    expect(Object.values(ms).map(({ length }) => length)).toEqual([1, 1, 1, 1, 1]);
  });

  test('looks 300 videos up in ten pages where single reads are 300', async () => {
    const { calls } = await benchLookups(300, { latencyMs: 0, rounds: 1, oneByOneRounds: 0 });
    expect(calls).toEqual({ gateway: 10, poolAtOnce: 300, poolOneByOne: 0 });
  });

  test('refuses too many ids without a call to upstream', async () => {
    const result = await benchProcesses({ rounds: 1, refusedIds: 1001, afterVisitMs: 0 });
    expect(Object.values(result).map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  test('visits the web app and GraphiQL in turn', async () => {
    const { rowsMs, editorMs } = await benchWebApp({ rounds: 1, slowdown: 1 });
    expect([rowsMs.length, editorMs.length]).toEqual([1, 1]);
  });

  test('deletes the same ids by an operation as by a call, each once', async () => {
    await using store = await createFolderStore();
    const { operation, call } = await benchCosts(store, { count: 3, rounds: 1, latencyMs: 0 });
    for (const cost of [operation, call])
      expect(Object.values(cost).map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  test('brings the events of an operation to each subscriber', async () => {
    await using store = await createFolderStore();
    const { events } = await benchSubscribers(store, { subscribers: 2, ms: 2_500 });
    expect(events).toBeGreaterThanOrEqual(2);
  });

  test('meets no 429 where one gateway has the project to itself', async () => {
    const [alone] = await benchBudgets([1]);
    expect(alone?.most429s).toBe(0);
  });

  test('shows a ratio that is the median of the ratios, and says where there is none', () => {
    const compared = compare([10, 30, 20], [10, 10, 40]);
    expect(compared).toEqual({ gateway: 20, yardstick: 10, ratio: 1 });
    const table = renderTable([
      { what: 'a', yardstickName: 'b', compared, unit: ms },
      { what: 'c', yardstickName: 'd', compared: undefined, unit: ms, note: 'did not start' },
    ]);
    expect(table.split('\n').slice(2)).toEqual([
      '| a    | 20.0 ms | b         |       10.0 ms |  1.00 |',
      '| c    |       – | d         | did not start |     – |',
    ]);
  });
});
