// `npm run bench`: what the gateway costs beside a yardstick of the same run, and what its governor makes of the budget.
// Ratios compare within one run; absolute times are this machine's, at this moment.
import { type Simulation, simulateBudget } from '../support/budget-simulation.ts';
import { benchDeletions, CONCURRENCY } from './deletions.ts';

const LATENCY_MS = 20;
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
  [
    '220 writes at 50 in ten seconds',
    { gateways: 1, writes: 220, limit: 50, windowMs: 10_000, latencyMs: [5, 20] },
  ],
];

const deletions: Record<string, unknown> = {};
for (const count of [10, 100, 1000]) {
  const { bareMs, gatewayMs, ratio } = await benchDeletions(count, LATENCY_MS);
  deletions[`${count} deletions`] = {
    'bare undici pool, ms': Math.round(bareMs),
    'gateway, ms': Math.round(gatewayMs),
    'gateway / pool': Number(ratio.toFixed(2)),
    'by round trips alone': Number(roundTripRatio(count).toFixed(2)),
  };
}

/**
 * Round trips of a call over those of the pool, as if nothing but latency cost time: the first deletion goes alone and is
 * read back, the others go with a witness beside every round but their first, and the last are read once answered.
 */
function roundTripRatio(count: number): number {
  const rest = count - 1;
  const witnesses = Math.ceil(rest / CONCURRENCY) - 1;
  const rounds = 2 + Math.ceil((rest + witnesses) / CONCURRENCY) + 1;
  return rounds / Math.ceil(count / CONCURRENCY);
}

const budgets: Record<string, unknown> = {};
for (const [name, simulation] of BUDGETS) {
  const runs = [];
  for (const seed of SEEDS) runs.push(await simulateBudget({ ...simulation, seed }));
  budgets[name] = {
    'most 429s': Math.max(...runs.map(({ limited }) => limited)),
    'worst time / ideal': Number(
      Math.max(...runs.map(({ makespanMs, idealMs }) => makespanMs / idealMs)).toFixed(4),
    ),
    'slowest short call, s':
      Math.round(Math.max(...runs.map(({ slowestShortCallMs }) => slowestShortCallMs)) / 100) / 10,
  };
}

const print = (title: string, rows: Record<string, unknown>) => {
  process.stdout.write(`\n${title}\n`);
  // biome-ignore lint/suspicious/noConsole: a table for a reader at a terminal
  console.table(rows);
};
print(
  `Deletions in one call, every proof and witness switched on, against a bare undici pool of the same 50 connections (${LATENCY_MS} ms latency, medians of 5 rounds in turn)`,
  deletions,
);
print(
  'The governor on virtual time, against the least time in which the windows can take all (worst of 5 seeds)',
  budgets,
);
