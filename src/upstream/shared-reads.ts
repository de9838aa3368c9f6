// Shares reads of upstream among requests: equal reads in flight become one, and results may be kept for a moment. None
// of this is evidence: a read that verifies a write never joins one that began before it, and so never comes here.
//
// A write ends all that was read before it. A bulk write does not, because nobody waits for a single one: a durable
// operation sends several per second, so a list that is polled beside it would be read anew each time.
import { LRUCache } from 'lru-cache';
import type { Caller } from './caller.ts';
import { type Credentials, isBelieved } from './credentials.ts';
import { BudgetExhaustedError, isOfCaller, toCancelled, UnauthorizedError } from './upstream-errors.ts';

/** The caller of a read. Upstream authorizes a caller's own reads; what others have read is not for every caller. */
export type Asker = Pick<Caller, 'credentials' | 'signal'> & {
  /** Without one, it waits for as long as it takes. */
  readonly deadline?: number;
};

/** `value` is cleared once it has settled. */
type Begun<T> = {
  readonly at: number;
  readonly signer: Credentials | undefined;
  value: Promise<T> | undefined;
};
/** `isShown`: a read has shown it, so later ones do, too. */
export type Write = Pick<Caller, 'isBulk'> & { readonly isShown?: boolean };
type Kept<T> = { readonly at: number; readonly value: T };

export class SharedReads<T> {
  /**
   * Newest last. A key has several reads if some callers may not see others' results, or one asked for a fresh read.
   */
  readonly #inFlight = new Map<string, Begun<T>[]>();
  /** Undefined if nothing is kept. */
  readonly #kept: LRUCache<string, Kept<T>> | undefined;
  readonly #keepMs: number;
  readonly #believeMs: number;
  readonly #lagMs: number;
  #keepFrom = Number.NEGATIVE_INFINITY;
  #lastBulkWriteAt = Number.NEGATIVE_INFINITY;

  /**
   * @param options - `keepMs`: how long after its start a read may answer other requests; 0 shares only reads in
   *   flight.
   *   `believeMs`: how long after upstream accepted its credentials a caller may see what others have read: upstream
   *   may revoke them without the gateway noticing.
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
        // One timer per entry: otherwise a project that nobody queries any more would hold its last pages for hours.
        ttlAutopurge: true,
      });
  }

  /**
   * Returns a kept result, joins an equal read in flight, or begins one with `send`.
   *
   * @param since - ignores kept results, reads that began earlier on the clock of `performance.now()`, and reads that began
   *   before a write, even a bulk write.
   */
  async read(key: string, send: () => Promise<T>, asker: Asker, since?: number): Promise<T> {
    for (;;) {
      const kept = this.#usable(key, asker, since);
      if (kept) return kept.value;
      const joined = this.#joinable(key, asker, since);
      try {
        return await (joined?.value ?? this.#begin(key, send, asker));
      } catch (error) {
        // The call that began the read ran out of time, disconnected or has bad credentials: this one may still
        // succeed.
        if (!joined || !isOfCaller(error)) throw error;
        // Each call that begins anew wakes all others. So those that cannot succeed end now: a thousand of them would
        // otherwise wake each other half a million times, without a break.
        const own = toOwnFailure(error, joined.signer, asker);
        if (own) throw own;
      }
    }
  }

  /** Whether a `read` would send nothing now. */
  has(key: string, asker: Asker, since?: number): boolean {
    return (this.#joinable(key, asker, since) ?? this.#usable(key, asker, since)) !== undefined;
  }

  /**
   * Call this after a write: no caller joins or gets a read that began before it. Reads that begin within the lag may
   * not show the write yet, so they are not kept.
   *
   * After a bulk write, reads answer others for as long as they are kept. So what a caller gets, `keepMs` and the lag
   * after the write, shows it.
   */
  forget({ isBulk, isShown = false }: Write): void {
    if (isBulk) {
      this.#lastBulkWriteAt = performance.now();
      return;
    }
    if (!isShown) this.#keepFrom = performance.now() + this.#lagMs;
    // Every write of a batch calls this, and clearing an empty map would allocate a new table each time.
    if (this.#inFlight.size > 0) this.#inFlight.clear();
    if (this.#kept && this.#kept.size > 0) this.#kept.clear();
  }

  /** Entries do not record who read them: upstream accepted that caller as recently as the entry is fresh. */
  #usable(key: string, asker: Asker, since: number | undefined): Kept<T> | undefined {
    if (since !== undefined) return undefined;
    const kept = this.#kept?.get(key);
    return kept && this.#isFresh(kept) && this.#isBelieved(asker) ? kept : undefined;
  }

  /** A read signed with the same credentials shows no more than the caller's own would. */
  #joinable(key: string, asker: Asker, since: number | undefined): Begun<T> | undefined {
    const isBelieved = this.#isBelieved(asker);
    return this.#inFlight
      .get(key)
      ?.findLast(
        (begun) => this.#isInTime(begun, since) && (isBelieved || begun.signer === asker.credentials),
      );
  }

  #isInTime(begun: Begun<T>, since: number | undefined): boolean {
    if (since === undefined && this.#isFresh(begun)) return true;
    return begun.at > this.#lastBulkWriteAt && begun.at >= (since ?? begun.at);
  }

  #isBelieved({ credentials }: Asker): boolean {
    return isBelieved(credentials, this.#believeMs);
  }

  #isFresh({ at }: { readonly at: number }): boolean {
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

  /** @returns whether nothing but bulk was written since it began. */
  #end(key: string, begun: Begun<T>): boolean {
    // V8 chains the tables that a map has outgrown: an old one would keep pages alive until a full garbage collection.
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

/** The error that another caller's failed read shows to be this caller's, too; undefined if this one may succeed. */
function toOwnFailure(error: Error, signer: Credentials | undefined, asker: Asker): Error | undefined {
  const { credentials, signal, deadline = Number.POSITIVE_INFINITY } = asker;
  if (signal?.aborted) return toCancelled(signal);
  if (error instanceof UnauthorizedError && signer === credentials) return error;
  if (!(error instanceof BudgetExhaustedError) || error.retryAfterSeconds === undefined) return undefined;
  // These seconds are rounded up.
  const opensFrom = performance.now() + (error.retryAfterSeconds - 1) * 1000;
  return opensFrom > deadline ? error : undefined;
}
