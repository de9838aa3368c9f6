// What the governor makes of upstream's limits, on virtual time, against the least time in which the windows can take all.
import { simulateBudget } from '../support/budget-simulation.ts';
import type { Simulation } from '../support/simulated-upstream.ts';
import type { Compared } from './table.ts';

const SEEDS = [1, 2, 3, 4, 5];

const BUDGETS: readonly (readonly [string, Omit<Simulation, 'seed'>])[] = [
  ['1,900 writes at 200 a minute, one gateway', { gateways: 1, writes: 1900, limit: 200 }],
  ['the same, seconds rounded down', { gateways: 1, writes: 1900, limit: 200, rounding: 'down' }],
  ['three gateways on one project', { gateways: 3, writes: 1900, limit: 200 }],
  ['five gateways', { gateways: 5, writes: 1900, limit: 200 }],
  ['beside another client of 60 a minute', { gateways: 1, writes: 900, limit: 200, foreignPerMinute: 60 }],
  [
    'from the middle of a window',
    { gateways: 1, writes: 1900, limit: 200, startsAtMs: 33_300, usedBefore: 120 },
  ],
  ['with calls of three ids beside', { gateways: 1, writes: 1900, limit: 200, shortCallEveryMs: 7_000 }],
  ['10,000 writes of an operation', { gateways: 1, writes: 10_000, limit: 200, isBulk: true }],
  [
    '1,900 of one, with calls of three ids beside',
    { gateways: 1, writes: 1900, limit: 200, isBulk: true, shortCallEveryMs: 7_000 },
  ],
  [
    '220 writes at 50 in ten seconds',
    { gateways: 1, writes: 220, limit: 50, windowMs: 10_000, latencyMs: [5, 20] },
  ],
];

export type BudgetResult = {
  readonly name: string;
  /** Milliseconds of virtual time, of the worst seed. */
  readonly ms: Compared;
  /** Of any seed. */
  readonly most429s: number;
  readonly slowestShortCallMs: number;
};

export async function benchBudgets(seeds: readonly number[] = SEEDS): Promise<BudgetResult[]> {
  const results: BudgetResult[] = [];
  for (const [name, simulation] of BUDGETS) {
    let worst: Compared = { gateway: 0, yardstick: 0, ratio: 0 };
    let most429s = 0;
    let slowestShortCallMs = 0;
    for (const seed of seeds) {
      const run = await simulateBudget({ ...simulation, seed });
      const ratio = run.makespanMs / run.idealMs;
      if (ratio > worst.ratio) worst = { gateway: run.makespanMs, yardstick: run.idealMs, ratio };
      most429s = Math.max(most429s, run.limited);
      slowestShortCallMs = Math.max(slowestShortCallMs, run.slowestShortCallMs);
    }
    results.push({ name, ms: worst, most429s, slowestShortCallMs });
  }
  return results;
}
