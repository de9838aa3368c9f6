// Upstream's fixed windows for the budget simulation: counts, answers 429, and computes afterwards what was possible.
import { type RateLimitHeaders, readRateLimit } from '../../src/upstream/rate-limit-headers.ts';
import type { Altered } from './altering-proxy.ts';

/** The rate limit as api.video documents it. */
export type Told = { readonly limit: string; readonly remaining: string; readonly reset: string };

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
  /** The headers of an answer, if they have another form than documented. `now` is the time since 1970. */
  readonly alter?: (told: Told, status: number, now: number) => Altered;
  /** Writes per minute, evenly spread, of a client other than our gateways. */
  readonly foreignPerMinute?: number;
  /** When the gateways start in upstream's window, and how much of its budget is used by then. */
  readonly startsAtMs?: number;
  readonly usedBefore?: number;
  /** The interval of calls of three writes each, in addition to the batch. */
  readonly shortCallEveryMs?: number;
  /** Whether nobody waits for the writes, as with a durable operation. */
  readonly isBulk?: boolean;
  readonly waitMs?: number;
};

/** When the simulation begins, in milliseconds since 1970. */
const EPOCH = Date.UTC(2026, 10, 26);

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
    const { limit, headers = true, rounding = 'up', alter } = this.#simulation;
    const limited = used.ours + used.others >= limit;
    if (!limited) used[isOurs ? 'ours' : 'others'] += 1;
    const exact = ((index + 1) * this.#windowMs - time) / 1000;
    const seconds = rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
    const remaining = limit - used.ours - used.others;
    if (!headers)
      return { limited, headers: { limit: undefined, remaining: undefined, retryAfterSeconds: undefined } };
    if (!alter) return { limited, headers: { limit, remaining, retryAfterSeconds: seconds } };
    const told = { limit: String(limit), remaining: String(remaining), reset: String(seconds) };
    const status = limited ? 429 : 204;
    const sent = { ...alter(told, status, EPOCH + time), date: new Date(EPOCH + time).toUTCString() };
    return {
      limited,
      headers: readRateLimit(
        status,
        Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)),
      ),
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
