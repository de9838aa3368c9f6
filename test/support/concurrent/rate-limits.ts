// Upstream's rate limit: so many reads and so many writes per minute, for all senders together.
import type { History } from './history.ts';

const WINDOW_MS = 60_000;

export class RateLimits {
  readonly #limits: History['limits'];
  readonly #windows = { reads: { begunAt: 0, used: 0 }, writes: { begunAt: 0, used: 0 } };

  constructor(limits: History['limits']) {
    this.#limits = limits;
  }

  /** Counts a request. @returns whether it is within the limit, and the headers of its answer. */
  count(kind: 'reads' | 'writes', now: number): { isAllowed: boolean; headers: Record<string, string> } {
    if (!this.#limits) return { isAllowed: true, headers: {} };
    const limit = this.#limits[kind];
    const window = this.#windows[kind];
    if (now >= window.begunAt + WINDOW_MS) {
      window.begunAt = now;
      window.used = 0;
    }
    const isAllowed = window.used < limit;
    if (isAllowed) window.used += 1;
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(limit - window.used),
      'x-ratelimit-retry-after': String(Math.ceil((window.begunAt + WINDOW_MS - now) / 1000)),
    };
    return { isAllowed, headers };
  }
}
