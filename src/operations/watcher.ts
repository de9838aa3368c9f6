// Follows operations for those who subscribe to them: one look a second for all that is followed in a process, whatever the
// number of followers. All of them get the same objects.
import { AsyncLocalStorage } from 'node:async_hooks';
import { countSettled, type Operation } from './operation.ts';
import type { OperationStore } from './operation-store.ts';

const LOOK_MS = 1_000;

type Listener<T> = (moved: T) => void;
type Followed = { operation: Operation; readonly listeners: Set<Listener<Operation>> };
/** Given the number of the newest operation that is known; undefined for the first look. */
type LookAtList = (since: number | undefined) => Promise<{
  readonly open: readonly Operation[];
  readonly ended: readonly Operation[];
  readonly newest: number;
}>;
type FollowedList = {
  operations: readonly Operation[];
  /** The number of the operation that was started last. */
  newest: number;
  readonly look: LookAtList;
  readonly listeners: Set<Listener<readonly Operation[]>>;
};

export class Watcher {
  readonly #store: () => Pick<OperationStore, 'find'> | undefined;
  readonly #followed = new Map<string, Followed>();
  readonly #lists = new Map<string, FollowedList>();
  /** Its looks belong to no request. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #timer: NodeJS.Timeout | undefined;

  /** @param store - the store, if it is open. While it is not, or fails, nothing is told. */
  constructor(store: () => Pick<OperationStore, 'find'> | undefined) {
    this.#store = store;
  }

  /** What this gateway knows of an operation without a look: its followers need not wait for one. */
  note(operation: Operation): void {
    const followed = this.#followed.get(operation.id);
    if (!followed || isOlder(operation, followed.operation)) return;
    if (!hasMoved(followed.operation, operation)) return;
    followed.operation = operation;
    for (const listener of followed.listeners) listener(operation);
  }

  /** An operation, and again whenever it has moved, until it has ended or the signal is aborted. */
  async *follow(operation: Operation, signal: AbortSignal): AsyncGenerator<Operation, void> {
    const latest = new Latest<Operation>(signal);
    const followed = this.#followed.get(operation.id) ?? { operation, listeners: new Set() };
    this.#followed.set(operation.id, followed);
    followed.listeners.add(latest.put);
    this.#timer ??= this.#schedule();
    try {
      // What another follower has seen may be newer than what this one brings.
      let shown = isOlder(followed.operation, operation) ? operation : followed.operation;
      yield shown;
      while (shown.finishedAt === null) {
        const next = await latest.next();
        if (!next) return;
        shown = next;
        yield shown;
      }
    } finally {
      latest.close();
      followed.listeners.delete(latest.put);
      if (followed.listeners.size === 0) this.#followed.delete(operation.id);
    }
  }

  /**
   * The unfinished operations of a list, and again whenever one has moved; one that ends comes once more.
   *
   * @param key - the same for lists that are the same.
   * @param look - reads those that are open, and those that have been started since the one with this number and have ended.
   */
  async *followList(
    key: string,
    look: LookAtList,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Operation[], void> {
    let list = this.#lists.get(key);
    if (!list) {
      const { open, newest } = await look(undefined);
      list = { operations: open, newest, look, listeners: new Set() };
      list = this.#lists.get(key) ?? list;
    }
    this.#lists.set(key, list);
    const latest = new Latest<readonly Operation[]>(signal);
    list.listeners.add(latest.put);
    this.#timer ??= this.#schedule();
    try {
      yield list.operations;
      for (;;) {
        const next = await latest.next();
        if (!next) return;
        yield next;
      }
    } finally {
      latest.close();
      list.listeners.delete(latest.put);
      if (list.listeners.size === 0) this.#lists.delete(key);
    }
  }

  #schedule(): NodeJS.Timeout {
    const look = () => {
      void Promise.all([this.#look(), this.#lookAtLists()]).finally(() => {
        const isNeeded = this.#followed.size > 0 || this.#lists.size > 0;
        this.#timer = isNeeded ? this.#schedule() : undefined;
      });
    };
    return this.#outside(() => setTimeout(look, LOOK_MS).unref());
  }

  async #look(): Promise<void> {
    if (this.#followed.size === 0) return;
    const found = await this.#store()
      ?.find([...this.#followed.keys()])
      .catch(() => []);
    for (const operation of found ?? []) this.note(operation);
  }

  async #lookAtLists(): Promise<void> {
    await Promise.all(
      [...this.#lists.values()].map(async (list) => {
        const seen = await list.look(list.newest).catch(() => undefined);
        if (!seen) return;
        const { open } = seen;
        const gone = list.operations.filter(
          ({ id, finishedAt }) => finishedAt === null && !open.some((one) => one.id === id),
        );
        const goneEnded = await this.#findEnded(gone);
        if (!goneEnded) return;
        list.newest = seen.newest;
        const ended = [...goneEnded, ...seen.ended];
        if (ended.length === 0 && !haveMoved(list.operations, open)) return;
        list.operations = [...open, ...ended].sort((a, b) => b.seq - a.seq);
        for (const listener of list.listeners) listener(list.operations);
      }),
    );
  }

  async #findEnded(gone: readonly Operation[]): Promise<readonly Operation[] | undefined> {
    if (gone.length === 0) return [];
    const found = await this.#store()
      ?.find(gone.map(({ id }) => id))
      .catch(() => undefined);
    return found?.filter(({ finishedAt }) => finishedAt !== null);
  }
}

/** The latest of what was put: a slow reader misses what lies between. */
class Latest<T> {
  readonly #signal: AbortSignal;
  #value: T | undefined;
  #wake = () => {};
  readonly #onAbort = () => this.#wake();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly put = (value: T): void => {
    this.#value = value;
    this.#wake();
  };

  /** Undefined once the signal is aborted. */
  async next(): Promise<T | undefined> {
    if (this.#value === undefined && !this.#signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const value = this.#signal.aborted ? undefined : this.#value;
    this.#value = undefined;
    return value;
  }
}

/** Whether a look shows an operation as it was before another one: looks may come in another order than they were made. */
function isOlder(one: Operation, other: Operation): boolean {
  if (other.finishedAt !== null) return one.finishedAt === null;
  if (one.finishedAt !== null) return false;
  if (one.status !== other.status && other.status === 'cancelled') return true;
  return countSettled(one.counts) < countSettled(other.counts);
}

function haveMoved(before: readonly Operation[], now: readonly Operation[]): boolean {
  // Those that have ended were told once more, and are gone now.
  const open = before.filter(({ finishedAt }) => finishedAt === null);
  if (open.length !== now.length || open.length !== before.length) return true;
  return now.some((operation, index) => {
    const earlier = open[index];
    return !earlier || earlier.id !== operation.id || hasMoved(earlier, operation);
  });
}

function hasMoved(before: Operation, now: Operation): boolean {
  return (
    before.status !== now.status ||
    before.finishedAt !== now.finishedAt ||
    before.isBeingUndone !== now.isBeingUndone ||
    JSON.stringify(before.counts) !== JSON.stringify(now.counts)
  );
}
