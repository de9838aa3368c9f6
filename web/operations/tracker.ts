// The durable operations that the page shows: those that go on, and those that have ended since it showed them. It follows them
// only while the page is visible and one of them goes on, so that a tab in the background holds no connection.
import type { ApolloClient } from '@apollo/client';
import { type OperationDetailsFragment, OperationDocument } from 'apivideo-graphql-client';
import { followOperation } from 'apivideo-graphql-client/apollo';
import { createKey } from '../acts/create-key.ts';
import { explain } from '../session/faults.ts';
import { type Busy, BusyIds } from './busy-ids.ts';
import { type Answer, cancelOperation, undoOperation } from './calls.ts';
import { createFollow, readUnfinished } from './follow.ts';
import { type Remembered, readRemembered, remember } from './remembered.ts';
import type { OperationsState, Shown } from './shown.ts';

const READ_AGAIN_MS = 10_000;

export class OperationTracker {
  readonly #client: ApolloClient;
  readonly #onChange: (state: OperationsState) => void;
  readonly #shown = new Map<string, Shown>();
  readonly #dismissed = new Set<string>();
  readonly #undoKeys = new Map<string, string>();
  readonly #reading = new Set<string>();
  /** What the tab showed before it was loaded again, until it is known how that is now. */
  readonly #remembered = new Map<string, Remembered>();
  readonly #busyIds: BusyIds;
  readonly #follow: (signal: AbortSignal) => Promise<void>;
  #busy: Busy = { delete: new Set(), restore: new Set() };
  #following: AbortController | undefined;
  #isReading = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ApolloClient, onChange: (state: OperationsState) => void) {
    this.#client = client;
    this.#onChange = onChange;
    this.#busyIds = new BusyIds(client, (busy) => {
      this.#busy = busy;
      this.#publish();
    });
    this.#follow = createFollow(client, (unfinished) => this.#hearAll(unfinished));
  }

  /** For as long as the page lives. */
  start(): void {
    for (const each of readRemembered()) this.#remembered.set(each.id, each);
    const onLook = () => {
      this.#followIfNeeded();
      // Another tab may have started one.
      if (isVisible() && !this.#following) void this.#read();
    };
    document.addEventListener('visibilitychange', onLook);
    addEventListener('focus', onLook);
    void this.#read();
  }

  add(operation: OperationDetailsFragment, ids: readonly string[]): void {
    // Whoever asks for it again wants to see what has come of it.
    this.#dismissed.delete(operation.id);
    this.#hear(operation, ids);
    this.#update();
  }

  cancel(id: string): void {
    void this.#ask(id, () => cancelOperation(this.#client, id));
  }

  undo(id: string): void {
    const key = this.#undoKeys.get(id) ?? createKey();
    this.#undoKeys.set(id, key);
    void this.#ask(id, async () => {
      const answer = await undoOperation(this.#client, id, key);
      // One that has restored only some can be repeated.
      this.#undoKeys.delete(id);
      return answer;
    });
  }

  dismiss(id: string): void {
    this.#drop(id);
    this.#update();
  }

  async #ask(id: string, call: () => Promise<Answer>): Promise<void> {
    this.#note(id, { isAsked: true, fault: undefined });
    let fault: string | undefined;
    try {
      const { operation, mistake } = await call();
      fault = mistake;
      if (operation) this.#hear(operation);
    } catch (error) {
      fault = explain(error);
    }
    this.#note(id, { isAsked: false, fault });
    this.#update();
  }

  #note(id: string, change: Partial<Shown>): void {
    const shown = this.#shown.get(id);
    if (!shown) return;
    this.#shown.set(id, { ...shown, ...change });
    this.#publish();
  }

  async #read(): Promise<void> {
    // A window that becomes visible mostly gets the focus with that.
    if (this.#isReading) return;
    this.#isReading = true;
    clearTimeout(this.#retry);
    try {
      this.#hearAll(await readUnfinished(this.#client));
      await Promise.all([...this.#remembered.values()].map(({ id, isEnded }) => this.#readOne(id, !isEnded)));
      if (this.#remembered.size > 0) this.#readLater();
    } catch {
      this.#readLater();
    } finally {
      this.#isReading = false;
    }
  }

  #readLater(): void {
    this.#retry = setTimeout(() => {
      if (isVisible()) void this.#read();
    }, READ_AGAIN_MS);
  }

  /** @param wasOpen - whether the page showed it as unfinished before it was loaded again: then its end is news. */
  async #readOne(id: string, wasOpen: boolean): Promise<void> {
    if (this.#reading.has(id)) return;
    this.#reading.add(id);
    try {
      const { data } = await this.#client.query({
        query: OperationDocument,
        variables: { id },
        fetchPolicy: 'no-cache',
      });
      const operation = data?.operation;
      if (operation && wasOpen && operation.finishedAt !== null) {
        // The lists may have been read just before the end.
        followOperation(this.#client.cache, { ...operation, pending: operation.total, finishedAt: null });
      }
      if (operation) this.#hear(operation);
      // It was another caller's, or is history.
      else if (data) this.#drop(id);
      this.#update();
    } catch {
      // Those that go on are read again with the next state; those that are remembered, in a while.
    } finally {
      this.#reading.delete(id);
    }
  }

  /** What is not among the unfinished has ended meanwhile, or has begun since they were read. */
  #hearAll(operations: readonly OperationDetailsFragment[]): void {
    for (const operation of operations) this.#hear(operation);
    const heard = new Set(operations.map(({ id }) => id));
    for (const { operation } of this.#shown.values())
      if (operation.finishedAt === null && !heard.has(operation.id)) void this.#readOne(operation.id, true);
    this.#update();
  }

  #hear(operation: OperationDetailsFragment, ids?: readonly string[]): void {
    const { id, pending, etaSeconds, undoOf } = operation;
    const before = this.#shown.get(id);
    if (this.#dismissed.has(id) || (before && isOlder(operation, before.operation))) return;
    const at = Date.now();
    const isStill = before && etaSeconds === null && pending === before.operation.pending;
    const stillSince = isStill ? before.stillSince : at;
    this.#remembered.delete(id);
    this.#shown.set(id, { isAsked: false, fault: undefined, ...before, operation, at, stillSince });
    followOperation(this.#client.cache, operation);
    this.#busyIds.hear(operation, ids);
    // The strip of the undo takes its place: what it said is no longer so.
    if (undoOf !== null) this.#drop(undoOf);
  }

  #drop(id: string): void {
    this.#dismissed.add(id);
    this.#remembered.delete(id);
    this.#shown.delete(id);
    this.#busyIds.drop(id);
  }

  #update(): void {
    this.#publish();
    const shown = this.#list().map(({ operation: { id, finishedAt } }) => ({
      id,
      isEnded: finishedAt !== null,
    }));
    remember([...shown, ...this.#remembered.values()]);
    this.#followIfNeeded();
  }

  #followIfNeeded(): void {
    const isNeeded =
      isVisible() && [...this.#shown.values()].some(({ operation }) => operation.finishedAt === null);
    if (isNeeded === (this.#following !== undefined)) return;
    this.#following?.abort();
    this.#following = isNeeded ? new AbortController() : undefined;
    if (this.#following) void this.#follow(this.#following.signal);
  }

  #publish(): void {
    this.#onChange({ list: this.#list(), busy: this.#busy });
  }

  /** Those that go on first, then the newest. */
  #list(): readonly Shown[] {
    return [...this.#shown.values()].sort(
      ({ operation: a }, { operation: b }) =>
        Number(a.finishedAt !== null) - Number(b.finishedAt !== null) ||
        b.createdAt.localeCompare(a.createdAt),
    );
  }
}

const isVisible = () => document.visibilityState === 'visible';

/** Answers come in another order than they were made. */
function isOlder(one: OperationDetailsFragment, other: OperationDetailsFragment): boolean {
  if (other.finishedAt !== null) return one.finishedAt === null;
  if (one.finishedAt !== null) return false;
  return (other.status === 'CANCELLED' && one.status !== 'CANCELLED') || one.pending > other.pending;
}
