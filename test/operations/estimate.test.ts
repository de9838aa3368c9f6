// The estimate of how long an operation takes, against what the governor takes in windows of a minute.
import { describe, expect, test } from 'vitest';
import { estimateSeconds } from '../../src/operations/estimate.ts';
import { simulateBudget } from '../support/budget-simulation.ts';

const budget = (remaining: number, resetsInMs: number, limit = 200) => ({ limit, remaining, resetsInMs });

describe('the estimate', () => {
  test('is unknown until upstream has reported a limit', () => {
    const unknown = { limit: undefined, remaining: undefined, resetsInMs: undefined };
    expect(estimateSeconds(10, 1, [], unknown)).toBeNull();
    expect(estimateSeconds(10, 1, [], budget(0, 0, 0))).toBeNull();
  });

  test.each([
    { pending: 0, remaining: 200, resetsInMs: 60_000, seconds: 0 },
    { pending: 100, remaining: 200, resetsInMs: 60_000, seconds: 30 },
    { pending: 100, remaining: 0, resetsInMs: 20_000, seconds: 50 },
    { pending: 450, remaining: 50, resetsInMs: 20_000, seconds: 140 },
    { pending: 100_000, remaining: 200, resetsInMs: 60_000, seconds: 30_000 },
  ])('of $pending writes, with $remaining left for $resetsInMs ms, is $seconds', (each) => {
    expect(estimateSeconds(each.pending, 1, [], budget(each.remaining, each.resetsInMs))).toBe(each.seconds);
  });

  test('counts of each other operation no more than this one still has, and never itself', () => {
    const backlog = [
      { seq: 1, pending: 100 },
      { seq: 2, pending: 5_000 },
      { seq: 3, pending: 40 },
    ];
    const alone = estimateSeconds(240, 4, [], budget(0, 60_000));
    expect(estimateSeconds(100, 1, backlog, budget(0, 60_000))).toBe(alone);
  });

  test.each([170, 700, 1_900])('of %i writes is off by at most a minute', async (writes) => {
    const run = await simulateBudget({ gateways: 1, seed: 1, limit: 200, isBulk: true, writes });
    const estimate = estimateSeconds(writes, 1, [], budget(200, 60_000)) ?? Number.NaN;
    expect(Math.abs(estimate - run.makespanMs / 1_000)).toBeLessThan(60);
  });
});
