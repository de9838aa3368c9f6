// The fate of each request. It depends on the seed, on the sender, and on how often that sender has sent this request: so a
// smaller history keeps the fates of the requests that are left.
import type { Place } from '../../../src/upstream/dialects.ts';
import { createRandom } from '../random.ts';
import { type History, type Lag, MAX_LAG_MS } from './history.ts';

/** When a write takes effect: as it arrives, never, or this many milliseconds after its end. */
export type Acts = 'now' | 'never' | number;

export type Fate = {
  /** How long the request travels, and its answer. */
  readonly outMs: number;
  readonly backMs: number;
  /** `lost`: the connection breaks where the answer would arrive. `garbled`: a body that is no JSON. */
  readonly kind: 'answered' | 'lost' | 'failed' | 'rejected' | 'unsent' | 'garbled';
  readonly acts: Acts;
  /** Of a complete failure: upstream's own, or that of something in between. */
  readonly failure: 503 | 403;
  readonly lagMs: Readonly<Record<Place, number>>;
};

type Random = () => number;

export class Fates {
  readonly #history: History;
  readonly #counts = new Map<string, number>();

  constructor(history: History) {
    this.#history = history;
  }

  next(sender: string, request: string, isWrite: boolean): Fate {
    const key = `${sender} ${request}`;
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    const random = createRandom(hash(`${this.#history.weather.seed} ${key} ${count}`));
    const { weather, lags } = this.#history;
    const travel = {
      outMs: toTravel(random, weather.slow),
      backMs: toTravel(random, weather.slow),
      lagMs: { live: toLag(random, lags.live), removed: toLag(random, lags.removed) },
    };
    // What the probe learns cannot be right if upstream acknowledges first and acts later than any read may lag.
    const lazy = request.includes('created') ? 0 : weather.lazy;
    if (isWrite) {
      const end = toWriteEnd(random, weather.writeFaults, lazy);
      return { ...travel, ...end, failure: pick(random, [503, 403] as const) };
    }
    const isFault = random() < weather.readFaults;
    const kind = isFault ? pick(random, ['lost', 'failed', 'unsent', 'garbled'] as const) : 'answered';
    return { ...travel, kind, acts: 'now', failure: pick(random, [503, 403] as const) };
  }
}

function toWriteEnd(random: Random, faults: number, lazy: number): Pick<Fate, 'kind' | 'acts'> {
  if (random() < faults) {
    const kind = pick(random, ['lost', 'lost', 'lost', 'failed', 'failed', 'rejected', 'unsent'] as const);
    if (kind === 'rejected' || kind === 'unsent') return { kind, acts: 'never' };
    return { kind, acts: pick<Acts>(random, ['now', 'never', toDelay(random)]) };
  }
  if (random() >= lazy) return { kind: 'answered', acts: 'now' };
  return { kind: 'answered', acts: random() < 0.2 ? 'never' : toDelay(random) };
}

function toDelay(random: Random): number {
  return 1 + Math.floor(random() * pick(random, [500, 4_000, 20_000] as const));
}

function toTravel(random: Random, slow: number): number {
  const most = random() < slow ? pick(random, [1_000, 4_000, 20_000] as const) : 40;
  return 1 + Math.floor(random() * most);
}

function toLag(random: Random, { kind, maxMs }: Lag): number {
  const lag = kind === 'fixed' ? maxMs : Math.floor(random() * (maxMs + 1));
  return Math.min(MAX_LAG_MS, lag);
}

function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}
