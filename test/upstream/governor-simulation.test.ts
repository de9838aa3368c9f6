import { expect, test } from 'vitest';
import { simulateBudget } from '../support/budget-simulation.ts';
import type { Simulation } from '../support/simulated-upstream.ts';

const MINUTE = { writes: 1900, limit: 200 } as const;

async function simulate(simulation: Omit<Simulation, 'seed'>, seeds = 20) {
  const results = [];
  for (let seed = 1; seed <= seeds; seed += 1) results.push(await simulateBudget({ ...simulation, seed }));
  return {
    done: Math.min(...results.map(({ done }) => done)),
    refused: Math.max(...results.map(({ refused }) => refused)),
    limited: Math.max(...results.map(({ limited }) => limited)),
    makespanMs: Math.max(...results.map(({ makespanMs }) => makespanMs)),
    ratio: Math.max(...results.map(({ makespanMs, idealMs }) => makespanMs / idealMs)),
    unused: Math.max(...results.map(({ unused }) => unused)),
    slowestShortCallMs: Math.max(...results.map((result) => result.slowestShortCallMs)),
    wakeUps: Math.max(...results.map(({ wakeUps }) => wakeUps)),
  };
}

test.each([
  { gateways: 1, rounding: 'up', atMost: 0 },
  { gateways: 1, rounding: 'down', atMost: 1 },
  { gateways: 3, rounding: 'up', atMost: 0 },
  { gateways: 3, rounding: 'down', atMost: 1 },
] as const)(
  'is answered 429 at most $atMost times with $gateways gateways where upstream rounds $rounding',
  async ({ gateways, rounding, atMost }) => {
    const result = await simulate({ ...MINUTE, gateways, rounding });
    expect(result).toMatchObject({ done: 1900, refused: 0 });
    expect(result.limited).toBeLessThanOrEqual(atMost);
    expect(result.ratio).toBeGreaterThanOrEqual(1);
    expect(result.ratio).toBeLessThan(1.005);
    expect(result.wakeUps).toBeLessThan(0.05 * MINUTE.writes);
  },
);

test.each(['up', 'down'] as const)(
  'is hardly answered 429 with five gateways where upstream rounds %s',
  async (rounding) => {
    const result = await simulate({ ...MINUTE, gateways: 5, rounding }, 10);
    expect(result).toMatchObject({ done: 1900, refused: 0 });
    // Each once in its life where it wakes early, and a few where all start cold together.
    expect(result.limited).toBeLessThanOrEqual(15);
    expect(result.ratio).toBeLessThan(1.005);
  },
);

test.each([
  { gateways: 1, rounding: 'up' },
  { gateways: 1, rounding: 'down' },
  { gateways: 3, rounding: 'up' },
  { gateways: 3, rounding: 'down' },
] as const)(
  'is answered 429 at most once with $gateways gateways in short windows, rounded $rounding',
  async (varied) => {
    const result = await simulate({
      ...varied,
      writes: 220,
      limit: 50,
      windowMs: 10_000,
      latencyMs: [5, 20],
    });
    expect(result.limited).toBeLessThanOrEqual(1);
    expect(result.ratio).toBeLessThan(1.005);
  },
);

test('uses every window to the end when alone', async () => {
  const result = await simulate({ gateways: 1, writes: 2000, limit: 200 }, 5);
  expect(result).toMatchObject({ done: 2000, limited: 0, unused: 0 });
  expect(result.ratio).toBeLessThan(1.005);
});

test('starts in the middle of a window that is half used', async () => {
  const result = await simulate({ ...MINUTE, gateways: 3, startsAtMs: 33_300, usedBefore: 120 }, 10);
  expect(result).toMatchObject({ done: 1900, limited: 0 });
  expect(result.ratio).toBeLessThan(1.005);
});

test('meets at most one 429 a window beside a client of another make', async () => {
  const result = await simulate({ gateways: 1, writes: 900, limit: 200, foreignPerMinute: 60 }, 10);
  expect(result.done).toBe(900);
  expect(result.limited).toBeLessThanOrEqual(7);
  expect(result.ratio).toBeGreaterThanOrEqual(1);
});

test('feels its way where upstream says no more than 429', async () => {
  const result = await simulate({ gateways: 1, writes: 900, limit: 200, headers: false }, 10);
  expect(result.done).toBe(900);
  // All that was in flight once, then a handful in each of four windows.
  expect(result.limited).toBeLessThanOrEqual(50 + 4 * 10);
});

test('lets short calls through beside a bulk that outlasts the window', async () => {
  const result = await simulate({ gateways: 1, writes: 1000, limit: 200, shortCallEveryMs: 10_000 }, 5);
  expect(result.limited).toBe(0);
  expect(result.slowestShortCallMs).toBeLessThan(12_000);
});

test.each([0, 5_000])(
  'sends what the window allows and refuses the rest with a wait of %i ms',
  async (waitMs) => {
    const result = await simulate({ gateways: 1, writes: 500, limit: 200, waitMs }, 5);
    expect(result).toMatchObject({ done: 200, refused: 300, limited: 0 });
  },
);

test.each([
  { writes: 10_000, limit: 200 },
  { writes: 10_000, limit: 200, windowMs: 10_000, latencyMs: [20, 60], concurrency: 5 },
] as const)('uses every window to the end in a bulk of $writes, with up to 50 at once', async (varied) => {
  const result = await simulate({ gateways: 1, isBulk: true, ...varied }, 3);
  expect(result).toMatchObject({ done: 10_000, limited: 0, unused: 0 });
  // The last window is used up, too, and the part that is left to others comes last.
  expect(result.ratio).toBeLessThan(1.02);
});

test.each([170, 970])(
  'sends the end of a bulk of %i at once if a tenth of the window is left',
  async (writes) => {
    const result = await simulate({ gateways: 1, writes, limit: 200, isBulk: true }, 5);
    expect(result).toMatchObject({ done: writes, limited: 0 });
    expect(result.makespanMs % 60_000).toBeLessThan(2_000);
  },
);

test.each([185, 1000])('lets short calls through at once beside a bulk of %i', async (writes) => {
  const simulation = { gateways: 1, writes, limit: 200, isBulk: true, shortCallEveryMs: 10_000 };
  const result = await simulate(simulation, 5);
  expect(result.limited).toBe(0);
  // In the last two seconds of a window, the next one is near.
  expect(result.slowestShortCallMs).toBeLessThan(2_500);
});
