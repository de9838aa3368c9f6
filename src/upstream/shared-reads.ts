// Reads of upstream that several requests share: equal ones in flight are one, and what was read may be kept for a moment.
// None of this is evidence: what verifies a write never joins a read that began before it, and so never reads here.
import { LRUCache } from 'lru-cache';
import type { Caller } from './caller.ts';
import type { Credentials } from './credentials.ts';
import { BudgetExhaustedError, CancelledError, UnauthorizedError } from './upstream-errors.ts';

/** Whoever asks. What they would read themselves upstream decides; what others have read is not for everybody. */
export type Asker = Pick<Caller, 'credentials'>;

/** `value` is gone once it has settled. */
type Begun<T> = {
  readonly at: number;
  readonly signer: Credentials | undefined;
  value: Promise<T> | undefined;
};
type Kept<T> = { readonly at: number; readonly value: T };

export class SharedReads<T> {
  /** The newest last. Of one key there are several where some may not see what others read, or one is to be afresh. */
  readonly #inFlight = new Map<string, Begun<T>[]>();
  /** Undefined where nothing is kept. */
  readonly #kept: LRUCache<string, Kept<T>> | undefined;
  readonly #keepMs: number;
  readonly #believeMs: number;
  readonly #lagMs: number;
  #keepFrom = Number.NEGATIVE_INFINITY;

  /**
   * @param options - `keepMs`: how long after its begin a read still answers others; 0 shares only what is in flight.
   *   `believeMs`: how long after upstream has accepted credentials with them is shown what others have read: they may
   *   be revoked without the gateway's knowing.
   *   `lagMs`: how late a read may show a write.
   *   `maxWeight`: how much is kept at most, in the unit of `weigh`.
   */
  constructor(options: {
    keepMs: number;
    believeMs: number;
    lagMs: number;
    maxWeight: number;
    weigh: (value: T) => number;
  }) {
    const { keepMs, believeMs, lagMs, maxWeight, weigh } = options;
    this.#keepMs = keepMs;
    this.#believeMs = believeMs;
    this.#lagMs = lagMs;
    if (keepMs > 0)
      this.#kept = new LRUCache({
        maxSize: maxWeight,
        sizeCalculation: ({ value }) => weigh(value),
        ttl: keepMs,
        // By a timer for each: a project that nobody asks for any more would hold its last pages for hours.
        ttlAutopurge: true,
      });
  }

  /**
   * Answers what was just read, joins an equal read in flight, or begins one with `send`.
   *
   * @param since - joins no read that began earlier, on the clock of `performance.now()`.
   */
  async read(
    key: string,
    send: () => Promise<T>,
    asker: Asker,
    since = Number.NEGATIVE_INFINITY,
  ): Promise<T> {
    for (;;) {
      const kept = this.#usable(key, asker, since);
      if (kept) return kept.value;
      const joined = this.#joinable(key, asker, since);
      try {
        return await (joined?.value ?? this.#begin(key, send, asker));
      } catch (error) {
        // It ended with the patience, the client or the credentials of whoever began it: this one's own are still good.
        if (!joined || !isOfItsCaller(error)) throw error;
      }
    }
  }

  /** Whether such a read would cost no call now. */
  has(key: string, asker: Asker, since = Number.NEGATIVE_INFINITY): boolean {
    return (this.#joinable(key, asker, since) ?? this.#usable(key, asker, since)) !== undefined;
  }

  /**
   * Something was written: nobody joins a read any more that began before, nor is answered with it. Those that begin in
   * the next seconds may not show it yet, and so are not kept.
   */
  forget(): void {
    this.#keepFrom = performance.now() + this.#lagMs;
    // Every write of a batch comes here: to clear what is empty would make a new table each time.
    if (this.#inFlight.size > 0) this.#inFlight.clear();
    if (this.#kept && this.#kept.size > 0) this.#kept.clear();
  }

  /** Whose it was is not kept: whoever has read it themselves was accepted as lately as it is fresh. */
  #usable(key: string, asker: Asker, since: number): Kept<T> | undefined {
    const kept = this.#kept?.get(key);
    return kept && kept.at >= since && this.#isFresh(kept) && this.#isBelieved(asker) ? kept : undefined;
  }

  /** One that the same credentials sign shows no more than another would. */
  #joinable(key: string, asker: Asker, since: number): Begun<T> | undefined {
    const isBelieved = this.#isBelieved(asker);
    return this.#inFlight
      .get(key)
      ?.findLast(({ at, signer }) => at >= since && (isBelieved || signer === asker.credentials));
  }

  #isBelieved({ credentials }: Asker): boolean {
    const { acceptedAt = Number.POSITIVE_INFINITY } = credentials ?? {};
    return performance.now() < acceptedAt + this.#believeMs;
  }

  #isFresh({ at }: Kept<T>): boolean {
    return performance.now() < at + this.#keepMs;
  }

  #begin(key: string, send: () => Promise<T>, { credentials: signer }: Asker): Promise<T> {
    const begun: Begun<T> = { at: performance.now(), signer, value: undefined };
    const value = send().then(
      (read) => {
        if (this.#end(key, begun)) this.#keep(key, { at: begun.at, value: read });
        return read;
      },
      (error: unknown) => {
        this.#end(key, begun);
        throw error;
      },
    );
    begun.value = value;
    const others = this.#inFlight.get(key);
    if (others) others.push(begun);
    else this.#inFlight.set(key, [begun]);
    return value;
  }

  /** @returns whether nothing was written since it began. */
  #end(key: string, begun: Begun<T>): boolean {
    // V8 chains the tables that a map has outgrown: by an old one, pages would be held until all memory is collected.
    begun.value = undefined;
    const all = this.#inFlight.get(key);
    const index = all?.indexOf(begun) ?? -1;
    if (!all || index < 0) return false;
    all.splice(index, 1);
    if (all.length === 0) this.#inFlight.delete(key);
    return true;
  }

  #keep(key: string, read: Kept<T>): void {
    const kept = this.#kept?.get(key);
    if (read.at >= this.#keepFrom && !(kept && kept.at > read.at)) this.#kept?.set(key, read);
  }
}

function isOfItsCaller(error: unknown): boolean {
  return (
    error instanceof BudgetExhaustedError ||
    error instanceof CancelledError ||
    error instanceof UnauthorizedError
  );
}
