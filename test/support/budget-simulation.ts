// Simulates the budget of api.video, and gateways that send through their governors. It counts their 429s and compares
// their time with the ideal. It runs on virtual time, for tests and the benchmark.

import type { Caller } from '../../src/upstream/caller.ts';
import { Governor } from '../../src/upstream/governor.ts';
import type { Clock } from '../../src/upstream/governor-clock.ts';
import { BudgetExhaustedError } from '../../src/upstream/upstream-errors.ts';
import { createRandom } from './random.ts';
import { SimulatedUpstream, type Simulation } from './simulated-upstream.ts';
import { VirtualClock } from './virtual-clock.ts';

export type SimulationResult = {
  readonly done: number;
  readonly refused: number;
  /** 429s that our gateways got. */
  readonly limited: number;
  readonly makespanMs: number;
  /** The least time in which the windows had room for these writes, given those of other clients. */
  readonly idealMs: number;
  /** Budget that nobody used in the windows before the last. */
  readonly unused: number;
  readonly slowestShortCallMs: number;
  /** How often a timer woke a governor. */
  readonly wakeUps: number;
};

export async function simulateBudget(simulation: Simulation): Promise<SimulationResult> {
  const { latencyMs = [100, 250], concurrency = 50, waitMs = 86_400_000, isBulk = false } = simulation;
  const clock = new VirtualClock();
  const random = createRandom(simulation.seed);
  const upstream = new SimulatedUpstream(simulation);
  const result = { limited: 0, refused: 0, makespanMs: 0, slowestShortCallMs: 0, wakeUps: 0 };
  let running = true;
  const counting: Clock = {
    now: () => clock.now(),
    at: (time, callback) =>
      clock.at(time, () => {
        result.wakeUps += 1;
        callback();
      }),
  };

  async function write(governor: Governor, caller: Caller, isOurs: boolean): Promise<void> {
    for (let again = false; ; again = true) {
      await governor.acquire('write', caller, { again });
      const sentAt = clock.now();
      const [least, most] = latencyMs;
      const oneWay = (least + (most - least) * random()) / 2;
      await clock.sleep(oneWay);
      const answer = upstream.take(clock.now(), isOurs);
      await clock.sleep(oneWay);
      governor.release('write', { kind: 'answered', ...answer, sentAt, receivedAt: clock.now() });
      if (!answer.limited) return;
      result.limited += 1;
    }
  }

  async function batch(governor: Governor, count: number): Promise<void> {
    const caller = { deadline: clock.now() + waitMs, isBulk };
    const ended = await Promise.allSettled(
      Array.from({ length: count }, () => write(governor, caller, true)),
    );
    for (const end of ended) {
      if (end.status === 'fulfilled') continue;
      if (!(end.reason instanceof BudgetExhaustedError)) throw end.reason;
      result.refused += 1;
    }
    result.makespanMs = clock.now();
  }

  async function foreignClient(everyMs: number): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs);
      if (!running) return;
      upstream.take(clock.now(), false);
    }
  }

  async function shortCalls(governor: Governor, everyMs: number): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs);
      if (!running) return;
      const since = clock.now();
      const caller = { deadline: since + waitMs };
      await Promise.all([1, 2, 3].map(() => write(governor, caller, false)));
      result.slowestShortCallMs = Math.max(result.slowestShortCallMs, clock.now() - since);
    }
  }

  const governors = Array.from(
    { length: simulation.gateways },
    () => new Governor({ write: concurrency, read: concurrency }, counting, random),
  );
  const share = Math.ceil(simulation.writes / simulation.gateways);
  const work = Promise.all(
    governors.map((governor, index) => batch(governor, Math.min(share, simulation.writes - index * share))),
  ).then(() => {
    running = false;
  });
  const { foreignPerMinute = 0, shortCallEveryMs } = simulation;
  if (foreignPerMinute > 0) void foreignClient(60_000 / foreignPerMinute);
  const [first] = governors;
  if (shortCallEveryMs && first) void shortCalls(first, shortCallEveryMs);
  await clock.run(work);
  const done = simulation.writes - result.refused;
  return { ...result, done, idealMs: upstream.idealMs(done) + latencyMs[0], unused: upstream.unused() };
}
