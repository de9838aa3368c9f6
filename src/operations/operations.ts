// What callers may do with durable operations: start, see, cancel, undo and follow them. Each belongs to the caller who has
// started it; `runner.ts` does its work.
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Audit } from '../telemetry/audit.ts';
import { Semaphore } from '../upstream/semaphore.ts';
import { StoreError } from './database.ts';
import type { ItemResult, Operation } from './operation.ts';
import type { OperationCaller } from './operation-caller.ts';
import { isOperationId } from './operation-id.ts';
import type { Created, OperationStore, Owner, Removal, Slice } from './operation-store.ts';
import type { Runner } from './runner.ts';
import { type OperationCall, Starter, type StarterParts, type Starting } from './starter.ts';
import { StorageUnavailableError } from './storage.ts';
import { toOutage } from './storage-fault.ts';
import type { Watcher } from './watcher.ts';

/** A write that was claimed right before a cancellation leaves within this time, from whichever gateway. */
const CLAIMED_LEAVES_MS = 300;

export type OperationsParts = StarterParts & {
  readonly runner: Pick<Runner, 'wake' | 'note'>;
  readonly watcher: Pick<Watcher, 'note' | 'follow' | 'followList'>;
  readonly audit: Pick<Audit, 'operation'>;
  /** Aborted when the gateway stops: calls that wait for an end are answered. */
  readonly stopping: AbortSignal;
};

/** How many operations one subscription follows at most. */
const MOST_FOLLOWED = 250;
/** How long what is pending in a project answers for all who ask, and of how many projects it is kept. */
const BACKLOG_MS = 1_000;
const MOST_BACKLOGS = 1_000;
/** How many reads of callers the store has at a time, and how long others wait for their turn. */
const MOST_READS = 2;
const MOST_WAIT_MS = 10_000;
/** How many ended operations are remembered as told. */
const MOST_TOLD = 10_000;

type Backlog = ReturnType<OperationStore['backlog']>;
type Whose = Omit<Owner, 'owner'> & { readonly owner: string | undefined };

export class Operations {
  readonly #parts: OperationsParts;
  readonly #starter: Starter;
  readonly #backlogs = new LRUCache<string, Backlog>({ max: MOST_BACKLOGS, ttl: BACKLOG_MS });

  /** What callers read must not hold up what is recorded before it is sent. */
  readonly #reads = new Semaphore(MOST_READS);
  readonly #toldEnds = new LRUCache<number, true>({ max: MOST_TOLD });

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#starter = new Starter(parts);
  }

  /** @throws {StorageUnavailableError} as `Starter.start`, which it does. */
  async start(caller: Starting, call: OperationCall, ids: readonly string[]): Promise<Created> {
    return this.#note(caller, await this.#starter.start(caller, call, ids));
  }

  /** @throws {StorageUnavailableError} as `Starter.undo`, which it does. */
  async undo(caller: Starting, undone: Operation, idempotencyKey: string | null): Promise<Created> {
    return this.#note(caller, await this.#starter.undo(caller, undone, idempotencyKey));
  }

  /** At most `limit` of an operation's own removals, which an undo restores. */
  removals(undone: Operation, limit: number): Promise<readonly (Removal & { readonly videoId: string })[]> {
    return this.#read([], (store) => store.removals(undone.id, limit));
  }

  /** Undefined if the caller has no such operation. */
  async find(caller: OperationCaller, id: string): Promise<Operation | undefined> {
    return (await this.findAll(caller, [id])).get(id);
  }

  /** Those of these ids that the caller has. */
  findAll(caller: OperationCaller, ids: readonly string[]): Promise<ReadonlyMap<string, Operation>> {
    return this.#read(new Map(), async (store) => {
      const possible = ids.filter(isOperationId);
      const found = possible.length > 0 ? await store.find(possible) : [];
      const whose = found.length > 0 ? await this.#whose(caller) : undefined;
      return new Map(found.filter((each) => whose && isOf(each, whose)).map((each) => [each.id, each]));
    });
  }

  list(
    caller: OperationCaller,
    unfinished: boolean | undefined,
    slice: Slice,
  ): Promise<readonly Operation[]> {
    return this.#read([], async (store) => {
      const whose = await this.#whose(caller);
      return whose ? store.list(whose, unfinished, slice) : [];
    });
  }

  count(caller: OperationCaller, unfinished: boolean | undefined): Promise<number> {
    return this.#read(0, async (store) => {
      const whose = await this.#whose(caller);
      return whose ? store.count(whose, unfinished) : 0;
    });
  }

  results({ seq }: Operation, failedOnly: boolean, slice: Slice): Promise<readonly ItemResult[]> {
    return this.#read([], (store) => store.results(seq, failedOnly, slice));
  }

  /** How many items of each unfinished operation of the caller's project are pending: one look a second for all who ask. */
  backlog({ holder: { project } }: OperationCaller): Backlog {
    const known = this.#backlogs.get(project);
    if (known) return known;
    const backlog = this.#read([], async (store) =>
      store.backlog({ target: await this.#parts.target.find(), project }),
    );
    this.#backlogs.set(project, backlog);
    backlog.catch(() => this.#backlogs.delete(project));
    return backlog;
  }

  /** Sends nothing more once it has resolved. @returns the operation as it is then: cancelled, or ended before. */
  async cancel(caller: OperationCaller, operation: Operation): Promise<Operation> {
    const cancelled = await this.#use(undefined, (store) => store.cancel(operation.id));
    if (!cancelled) return this.#readAgain(operation);
    if (cancelled.isNews) this.#parts.audit.operation('cancelled', cancelled, caller.credentials);
    this.#parts.runner.note(cancelled);
    this.#parts.watcher.note(cancelled);
    if (cancelled.finishedAt !== null) return cancelled;
    await wait(CLAIMED_LEAVES_MS);
    return this.#readAgain(cancelled);
  }

  /**
   * The operation once it has ended, or as it is when the wait is over.
   *
   * @param deadline - on the clock of `performance.now()`.
   */
  async waitForEnd(operation: Operation, deadline: number, signal: AbortSignal): Promise<Operation> {
    if (operation.finishedAt !== null || performance.now() >= deadline) return operation;
    const wait = AbortSignal.timeout(Math.ceil(deadline - performance.now()));
    const over = AbortSignal.any([signal, wait, this.#parts.stopping]);
    let latest = operation;
    for await (const moved of this.#parts.watcher.follow(operation, over)) latest = moved;
    return latest;
  }

  /** The operation, and again whenever it has moved, until it has ended or the signal is aborted. */
  follow(operation: Operation, signal: AbortSignal): AsyncIterable<Operation> {
    return this.#parts.watcher.follow(operation, signal);
  }

  /** The caller's unfinished operations, and again whenever one has moved; one that ends comes once more. */
  async followAll(
    caller: OperationCaller,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly Operation[]>> {
    const whose = await this.#whose(caller);
    const look = (since: number | undefined) =>
      this.#read({ open: [], ended: [], newest: 0 }, async (store) =>
        whose ? lookAtAll(store, whose, since) : { open: [], ended: [], newest: 0 },
      );
    return this.#parts.watcher.followList(JSON.stringify(whose ?? null), look, signal);
  }

  /** Whether an operation has ended, and this gateway tells it for the first time. */
  isEndNews({ seq, finishedAt }: Operation): boolean {
    if (finishedAt === null || this.#toldEnds.has(seq)) return false;
    this.#toldEnds.set(seq, true);
    return true;
  }

  async #readAgain(operation: Operation): Promise<Operation> {
    const [found] = await this.#use([], (store) => store.find([operation.id]));
    return found ?? operation;
  }

  #note(caller: OperationCaller, created: Created): Created {
    if (created.kind === 'created') {
      this.#parts.audit.operation('started', created.operation, caller.credentials);
      this.#parts.runner.note(created.operation);
      this.#parts.runner.wake();
    }
    return created;
  }

  /** The same in turns with others. */
  async #read<T>(none: T, read: (store: OperationStore) => Promise<T>): Promise<T> {
    const limits = { deadline: performance.now() + MOST_WAIT_MS };
    const done = await this.#reads.run(limits, async () => ({ found: await this.#use(none, read) }));
    if (done) return done.found;
    throw new StorageUnavailableError('too many callers read operations at present');
  }

  /** @param none - what there is before any operation was ever started. */
  async #use<T>(none: T, work: (store: OperationStore) => Promise<T>): Promise<T> {
    const store = await this.#parts.storage.openIfThere();
    if (!store) return none;
    try {
      return await work(store);
    } catch (cause) {
      throw toUnavailable(cause);
    }
  }

  /** Whose operations the caller sees; undefined if none. */
  async #whose({ holder: { project, owner }, managesAll }: OperationCaller): Promise<Whose | undefined> {
    if (owner === undefined && !managesAll) return undefined;
    return { target: await this.#parts.target.find(), project, owner: managesAll ? undefined : owner };
  }
}

/** The open operations, and the ended ones among those started since the one with this number. */
async function lookAtAll(store: OperationStore, whose: Whose, since: number | undefined) {
  const open = await store.list(whose, true, { limit: MOST_FOLLOWED, fromEnd: false });
  // One that is started and ends between two looks was never open in any of them.
  const others =
    since === undefined
      ? await store.list(whose, undefined, { limit: 1, fromEnd: false })
      : await store.list(whose, false, { before: since, limit: MOST_FOLLOWED, fromEnd: true });
  const newest = Math.max(since ?? 0, ...[...open, ...others].map(({ seq }) => seq));
  return { open, ended: since === undefined ? [] : others, newest };
}

function isOf(
  operation: Operation & { readonly target: string },
  { target, project, owner }: Whose,
): boolean {
  const isOfProject = operation.target === target && operation.project === project;
  return isOfProject && (owner === undefined || operation.owner === owner);
}

/** Faults of the store become one error for callers; those of upstream keep theirs. */
function toUnavailable(cause: unknown): unknown {
  if (!(cause instanceof StoreError)) return cause;
  const reason =
    cause.code === undefined
      ? 'the store of operations has a row that this version cannot read'
      : 'the store of operations does not answer';
  return toOutage(cause) ?? new StorageUnavailableError(reason, { cause });
}
