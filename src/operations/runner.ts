// Runs the operations that nobody else runs: it leases them, renews the leases, and gives them up when the gateway stops.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Backoff } from './backoff.ts';
import { FailureLog } from './failure-log.ts';
import { logOthers } from './log-others.ts';
import type { Operation } from './operation.ts';
import { OperationRun } from './operation-run.ts';
import type { HeldOperation, OperationStore } from './operation-store.ts';
import { Rests } from './rests.ts';
import type { OperationRunParts } from './run-parts.ts';
import type { Storage } from './storage.ts';

/** How long another gateway waits before it takes over an operation whose holder has fallen silent. */
export const LEASE_MS = 6_000;
const POLL_MS = 1_000;
const RENEW_MS = 2_000;
/** How long a gateway that is stopping tries to record what became of the items that were sent. */
const RECORD_MS = 3_000;
/** How many operations run side by side in a process. They share the budget of their projects, turn by turn. */
const MOST_AT_ONCE = 100;
/** How many items all of them have in progress, but for the least that each has. */
const MOST_IN_PROGRESS = 2_000;
/** An operation has as many at most, and at least: some for each turn until the next are read. */
const MOST_OF_ONE = 500;
const LEAST_OF_ONE = 20;

export type RunnerParts = Pick<OperationRunParts, 'enter' | 'onOutcome' | 'onProbeWrite'> & {
  /** Called with each operation that this gateway has taken over. */
  readonly onTakeover?: (() => void) | undefined;
  /** Called once with each operation that has ended here, by its work or by its cancellation. */
  readonly onEnd: (operation: Operation) => void;
  readonly storage: Storage;
  /** Names which operations this gateway may run. @throws if that is not known yet. */
  readonly target: () => Promise<string>;
  /** Names the key that this gateway decrypts credentials with, if it has one. */
  readonly secretId: () => Promise<string | undefined>;
  readonly logger: Logger;
};

type Running = {
  readonly run: OperationRun;
  readonly epoch: number;
  /** Whose it is. */
  readonly whose: string;
  readonly ended: Promise<void>;
  /** Whether its end was told before that of the run. */
  hasEnded: boolean;
};

export class Runner {
  readonly #parts: RunnerParts;
  /** New at every start: a gateway that was killed and is back is another holder. */
  readonly #holder = randomUUID();
  readonly #running = new Map<number, Running>();
  /** The request that starts an operation ends long before it: what the operation does belongs to no request. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #mustTickAgain = false;
  #stopsAt: number | undefined;
  /** Nothing is acquired for a while after a failure. */
  readonly #backoff = new Backoff();
  readonly #rests = new Rests();
  readonly #failures: FailureLog;
  #target: string | undefined;
  #acquiring: Promise<unknown> | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#failures = new FailureLog(parts.logger, 'the work on durable operations');
  }

  /** Looks for operations at once, and from then on each second. */
  wake(): void {
    clearTimeout(this.#timer);
    if (this.#isStopping) return;
    if (this.#ticking) {
      this.#mustTickAgain = true;
      return;
    }
    this.#ticking = this.#outside(() => this.#tick())
      .catch((error: unknown) => this.#failures.note(error))
      .finally(() => {
        this.#ticking = undefined;
        if (this.#isStopping) return;
        const again = this.#mustTickAgain ? 0 : POLL_MS;
        this.#mustTickAgain = false;
        this.#timer = this.#outside(() => setTimeout(() => this.wake(), again).unref());
      });
  }

  /** What a call has made of an operation: its run is told that it was cancelled. What was not under way may have ended. */
  note(operation: Operation): void {
    const running = this.#running.get(operation.seq);
    if (operation.status === 'cancelled') running?.run.cancel();
    if (operation.finishedAt === null) return;
    if (running) running.hasEnded = true;
    this.#parts.onEnd(operation);
  }

  /** Claims nothing more, and gives the operations up once what was sent is settled. */
  async drain(): Promise<void> {
    this.#stopsAt ??= performance.now();
    clearTimeout(this.#timer);
    const running = [...this.#running.values()];
    for (const { run } of running) run.stop();
    // What is acquired at this moment is not begun.
    await Promise.all([this.#acquiring, ...running.map(({ ended }) => ended)]);
    await this.#parts.storage.store
      ?.release(this.#holder)
      .catch((error: unknown) => this.#failures.note(error));
  }

  async #tick(): Promise<void> {
    const { storage } = this.#parts;
    // At the start, work goes on as soon as the store is open.
    const store = storage.state === 'opening' ? await storage.open().catch(() => undefined) : storage.store;
    if (!store) return;
    await this.#renew(store);
    // Only this waits after a failure: leases must be renewed.
    if (!this.#backoff.isOver) return;
    try {
      await this.#acquire(store);
    } catch (error) {
      this.#backoff.noteFailure();
      throw error;
    }
    this.#backoff.noteSuccess();
    this.#failures.end();
  }

  async #renew(store: OperationStore): Promise<void> {
    const now = performance.now();
    if (this.#running.size === 0 || now - this.#renewedAt < RENEW_MS) return;
    this.#renewedAt = now;
    const renewed = new Map((await store.renew(this.#holder, LEASE_MS)).map((one) => [one.seq, one]));
    for (const [seq, { run, epoch }] of this.#running) {
      const lease = renewed.get(seq);
      if (lease?.epoch !== epoch) run.stop();
      else if (lease.status === 'cancelled') run.cancel();
    }
  }

  async #acquire(store: OperationStore): Promise<void> {
    // One that has no place is still under way to its end.
    if (this.#running.size > MOST_AT_ONCE || this.#isStopping || !(await store.hasUnfinished())) return;
    // To find it out takes a request to upstream. Found once: a token may have to be got for it, and the leases must be renewed meanwhile.
    const isFirst = this.#target === undefined;
    this.#target ??= await this.#parts.target();
    const secretId = await this.#parts.secretId();
    if (isFirst) logOthers(this.#parts.logger, await store.depth(this.#target, secretId));
    if (this.#isStopping) return;
    const most = MOST_AT_ONCE - this.#running.size;
    const biggest = this.#biggest();
    const acquired = store.acquire({
      holder: this.#holder,
      target: this.#target,
      secretId,
      leaseMs: LEASE_MS,
      most: Math.max(1, most),
      except: [...this.#running.keys(), ...this.#rests.seqs],
      onUnreadable: (seq, error) => this.#rest(seq, error),
      // All places are taken: one is for an owner who has fewer.
      ...(most === 0 && { before: biggest.length }),
    });
    this.#acquiring = acquired.catch(() => {});
    const operations = await acquired;
    if (this.#isStopping) return;
    for (const operation of operations) this.#begin(store, operation);
    if (most === 0 && operations.length > 0) biggest.at(-1)?.stop();
  }

  /** The runs of the owner who has the most, the oldest first. */
  #biggest(): readonly OperationRun[] {
    const runs = Map.groupBy(this.#running.values(), ({ whose }) => whose);
    const [biggest = []] = [...runs.values()].sort((one, other) => other.length - one.length);
    return biggest.map(({ run }) => run);
  }

  #begin(store: OperationStore, held: HeldOperation): void {
    const { logger } = this.#parts;
    const log = logger.child({ operationId: held.id });
    const isTakeover = held.epoch > 1 && !this.#rests.has(held.seq);
    if (held.epoch === 1 || isTakeover)
      log.info(
        { total: held.total, epoch: held.epoch },
        isTakeover ? `a ${held.kind} operation is taken over` : `a ${held.kind} operation begins`,
      );
    if (isTakeover) this.#parts.onTakeover?.();
    const failures = this.#rests.failuresOf(held.seq, log);
    const begunAt = performance.now();
    const onFailure = (error: unknown) => failures.note(error);
    const run = new OperationRun(held, {
      ...this.#parts,
      enter: async (...given) => {
        const entered = await this.#parts.enter(...given);
        failures.end();
        return entered;
      },
      store,
      leaseMs: LEASE_MS,
      slice: () => this.#slice,
      isStoreGivenUp: () => this.#isGivenUp(store),
      onFailure,
    });
    const ended = run.run().then(async (end) => {
      // At once: the others may take longer.
      if (end.kind === 'stopped') await store.release(this.#holder, held.seq).catch(onFailure);
      const hasEnded = this.#running.get(held.seq)?.hasEnded;
      this.#running.delete(held.seq);
      if (end.kind === 'uncertain') this.#rests.note(held.seq, failures, begunAt);
      else this.#rests.end(held.seq);
      if (end.kind === 'finished') this.#parts.onEnd(end.operation);
      else if (!hasEnded && end.kind !== 'uncertain')
        log.info({ end: end.kind }, `this gateway no longer works on the operation`);
      // Another one may wait for its place, and an uncertain one must be acquired again.
      this.wake();
    });
    const whose = JSON.stringify([held.project, held.owner]);
    this.#running.set(held.seq, { run, epoch: held.epoch, whose, ended, hasEnded: false });
  }

  /** An operation whose row this version cannot read. */
  #rest(seq: number, error: unknown): void {
    const failures = this.#rests.failuresOf(seq, this.#parts.logger.child({ operation: seq }));
    failures.note(error);
    this.#rests.note(seq, failures, performance.now());
  }

  /** Whether the store is closed for ever, or does not work and the gateway is stopping. */
  #isGivenUp(store: OperationStore): boolean {
    if (this.#stopsAt !== undefined && performance.now() > this.#stopsAt + RECORD_MS) return true;
    return this.#parts.storage.store !== store;
  }

  /** The more operations run, the fewer items each has in progress. */
  get #slice(): number {
    const share = Math.floor(MOST_IN_PROGRESS / Math.max(1, this.#running.size));
    return Math.min(MOST_OF_ONE, Math.max(LEAST_OF_ONE, share));
  }

  get #isStopping(): boolean {
    return this.#stopsAt !== undefined;
  }
}
