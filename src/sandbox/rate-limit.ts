// The rate limits of one project: fixed windows, separate for reads and writes. A window opens with its first request.
// A request over the limit neither acts nor counts.
import type { SandboxLimits } from './types.ts';

export type RateKind = keyof SandboxLimits;

export type Ticket = {
  readonly granted: boolean;
  /** The X-RateLimit headers of the answer; none without limits. */
  readonly headers: Readonly<Record<string, string>>;
};

const UNLIMITED: Ticket = { granted: true, headers: {} };

export class RateLimit {
  #limits: SandboxLimits | null;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #windows = { reads: { openedAt: 0, used: 0 }, writes: { openedAt: 0, used: 0 } };

  constructor(limits: SandboxLimits | null, windowMs: number, now: () => number) {
    this.#limits = limits;
    this.#windowMs = windowMs;
    this.#now = now;
  }

  set(limits: SandboxLimits | null): void {
    this.#limits = limits;
  }

  take(kind: RateKind): Ticket {
    if (this.#limits === null) return UNLIMITED;
    const limit = this.#limits[kind];
    const window = this.#current(kind);
    const granted = window.used < limit;
    if (granted) window.used += 1;
    const leftMs = window.openedAt + this.#windowMs - this.#now();
    return {
      granted,
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - window.used)),
        'X-RateLimit-Retry-After': String(Math.ceil(leftMs / 1000)),
      },
    };
  }

  /** Uses the budget as another client would. Requests count only up to the limit, because refused ones do not. */
  spend(kind: RateKind, count: number): void {
    if (this.#limits === null) return;
    const window = this.#current(kind);
    window.used = Math.max(window.used, Math.min(this.#limits[kind], window.used + count));
  }

  #current(kind: RateKind): { openedAt: number; used: number } {
    const window = this.#windows[kind];
    const age = this.#now() - window.openedAt;
    // If the clock is set back, the window would otherwise stay open until the clock catches up.
    if (age >= this.#windowMs || age < 0) {
      window.openedAt = this.#now();
      window.used = 0;
    }
    return window;
  }
}
