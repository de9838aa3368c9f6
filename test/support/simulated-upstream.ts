// Upstream's fixed windows for the budget simulation: counts, answers 429, and computes afterwards what was possible.
import type { RateLimitHeaders } from '../../src/upstream/request-end.ts';

export type Simulation = {
  readonly gateways: number;
  /** The total number of writes, divided evenly among the gateways. */
  readonly writes: number;
  readonly limit: number;
  readonly windowMs?: number;
  readonly latencyMs?: readonly [number, number];
  readonly concurrency?: number;
  readonly seed: number;
  /** How upstream rounds the seconds until its reset. */
  readonly rounding?: 'up' | 'down';
  readonly headers?: boolean;
  /** Writes per minute, evenly spread, of a client other than our gateways. */
  readonly foreignPerMinute?: number;
  /** When the gateways start in upstream's window, and how much of its budget is used by then. */
  readonly startsAtMs?: number;
  readonly usedBefore?: number;
  /** The interval of calls of three writes each, in addition to the batch. */
  readonly shortCallEveryMs?: number;
  readonly waitMs?: number;
};

type Used = { ours: number; others: number };

export class SimulatedUpstream {
  readonly #simulation: Simulation;
  readonly #windowMs: number;
  readonly #offset: number;
  readonly #windows: Used[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#windowMs = simulation.windowMs ?? 60_000;
    this.#offset = simulation.startsAtMs ?? 0;
    this.#windows[0] = { ours: 0, others: simulation.usedBefore ?? 0 };
  }

  take(now: number, isOurs: boolean): { limited: boolean; headers: RateLimitHeaders } {
    const time = now + this.#offset;
    const index = Math.floor(time / this.#windowMs);
    const used = this.#used(index);
    const { limit, headers = true, rounding = 'up' } = this.#simulation;
    const limited = used.ours + used.others >= limit;
    if (!limited) used[isOurs ? 'ours' : 'others'] += 1;
    const seconds = ((index + 1) * this.#windowMs - time) / 1000;
    return {
      limited,
      headers: {
        limit: headers ? limit : undefined,
        remaining: headers ? limit - used.ours - used.others : undefined,
        retryAfterSeconds: headers
          ? rounding === 'up'
            ? Math.ceil(seconds)
            : Math.floor(seconds)
          : undefined,
      },
    };
  }

  /** The earliest time at which the last of `count` writes could be accepted, given those of other clients. */
  idealMs(count: number): number {
    let left = count;
    for (let index = 0; ; index += 1) {
      left -= this.#simulation.limit - this.#used(index).others;
      if (left <= 0) return Math.max(0, index * this.#windowMs - this.#offset);
    }
  }

  unused(): number {
    let unused = 0;
    for (let index = 0; index < this.#windows.length - 1; index += 1) {
      const { ours, others } = this.#used(index);
      unused += this.#simulation.limit - ours - others;
    }
    return unused;
  }

  #used(index: number): Used {
    const used = this.#windows[index] ?? { ours: 0, others: 0 };
    this.#windows[index] = used;
    return used;
  }
}
