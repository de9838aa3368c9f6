// What every store of operations must do, whichever database it is kept in.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStore } from '../../src/operations/create-store.ts';
import type { Database } from '../../src/operations/database.ts';
import { countSettled, type ItemOutcome } from '../../src/operations/operation.ts';
import type { OperationStore, Settled } from '../../src/operations/operation-store.ts';
import { newOperation, TARGET } from '../support/new-operation.ts';

export type StoreServer = AsyncDisposable & {
  /** Opens a new, empty database. */
  open(): Promise<Database>;
};

const LEASE_MS = 60_000;
/** What is no id of a video, and no text to some databases. */
const ODD = ['', '\u0000', 'a\u0000b', '\ud800', '\udc00x', '"', '"a"', '\\', '[1]', 'é'.repeat(255)];
/** Fixed, and other ones with `STORE_SEED`. */
const SEED = Number(process.env.STORE_SEED ?? 1);
const RUNS = Number(process.env.STORE_RUNS ?? 60);
const CANCELS = Number(process.env.STORE_CANCELS ?? 50);

/** @param start - starts what the databases are in. */
export function describeStore(name: string, start: () => Promise<StoreServer>): void {
  describe(name, () => {
    let server: StoreServer;
    beforeAll(async () => {
      server = await start();
      // A busy machine takes long to make a database.
    }, 60_000);
    afterAll(() => server[Symbol.asyncDispose](), 60_000);

    async function openStore(): Promise<OperationStore & AsyncDisposable> {
      const store = await createStore(await server.open());
      return { ...store, [Symbol.asyncDispose]: () => store.close() };
    }

    test('an operation is created with its items, in order, and ids of the wrong form have failed', async () => {
      await using store = await openStore();
      const created = await store.create(newOperation(), ['vi1', '?', 'vi2'], new Set(['?']));
      expect(created).toMatchObject({
        kind: 'created',
        operation: {
          id: 'op_1',
          kind: 'delete',
          ifPermanent: 'refuse',
          status: 'queued',
          total: 3,
          undoOf: null,
        },
      });
      const results = await store.results(seqOf(created), false, { limit: 10, fromEnd: false });
      expect(results.map(({ videoId, outcome }) => [videoId, outcome])).toEqual([
        ['vi1', null],
        ['?', 'INVALID_ID'],
        ['vi2', null],
      ]);
      expect(await store.find(['op_1', 'op_2'])).toEqual([
        expect.objectContaining({ id: 'op_1', target: TARGET, counts: { INVALID_ID: 1 } }),
      ]);
    });

    test('a key creates one operation, whoever asks at the same moment', async () => {
      await using store = await openStore();
      const key = { idempotencyKey: 'key' };
      const all = await Promise.all(
        ['op_1', 'op_2', 'op_3', 'op_4'].map((id) =>
          store.create(newOperation({ id, ...key }), ['vi1'], new Set()),
        ),
      );
      expect(all.filter(({ kind }) => kind === 'created')).toHaveLength(1);
      expect(new Set(all.map(seqOf)).size).toBe(1);
      const altered = newOperation({ id: 'op_5', ...key, fingerprint: 'other' });
      expect(await store.create(altered, ['vi2'], new Set())).toEqual({ kind: 'keyReused' });
      const another = newOperation({ id: 'op_6', ...key, owner: 'another' });
      expect(await store.create(another, ['vi1'], new Set())).toMatchObject({ kind: 'created' });
    });

    test('an owner has no more unfinished operations than the limit, whoever asks at the same moment', async () => {
      await using store = await openStore();
      const all = await Promise.all(
        ['op_1', 'op_2', 'op_3', 'op_4'].map((id) =>
          store.create(newOperation({ id, mostOpen: 2 }), ['vi1'], new Set()),
        ),
      );
      expect(all.map(({ kind }) => kind).sort()).toEqual(['created', 'created', 'tooMany', 'tooMany']);
    });

    test('an operation is acquired by one holder, with its target and its secret only', async () => {
      await using store = await openStore();
      const credential = { secretId: 'secret', bytes: new Uint8Array([1, 0, 255]), until: 5 };
      await store.create(newOperation(), ['vi1'], new Set());
      await store.create(newOperation({ id: 'op_2', credential }), ['vi1'], new Set());
      await store.create(newOperation({ id: 'op_3', target: 'another' }), ['vi1'], new Set());
      const taken = await Promise.all(
        ['a', 'b', 'c', 'd'].map((holder) => store.acquire(acquire({ holder }))),
      );
      expect(taken.flat().map(({ id, epoch, status }) => [id, epoch, status])).toEqual([
        ['op_1', 1, 'running'],
      ]);
      const [second] = await store.acquire(acquire({ holder: 'e', secretId: 'secret' }));
      expect(second).toMatchObject({ id: 'op_2', credential: { secretId: 'secret', until: 5 } });
      expect([...(second?.credential?.bytes ?? [])]).toEqual([1, 0, 255]);
      expect(await store.depth(TARGET, 'secret')).toEqual({
        operations: { queued: 0, running: 2, cancelled: 0 },
        items: 2,
        foreign: 1,
        locked: 0,
      });
      for (const secretId of [undefined, 'another'])
        expect(await store.depth(TARGET, secretId)).toMatchObject({ foreign: 1, locked: 1 });
    });

    test('owners take turns, and what a holder works on counts as a turn', async () => {
      await using store = await openStore();
      const owners = ['ann', 'ann', 'ann', 'bob', 'bob', 'carl'];
      for (const [index, owner] of owners.entries())
        await store.create(newOperation({ id: `op_${index}`, owner }), ['vi1'], new Set());
      const ids = async (given: Partial<Acquire>) =>
        (await store.acquire(acquire(given))).map(({ id }) => id);
      const first = await store.acquire(acquire({ most: 1 }));
      expect(first.map(({ id }) => id)).toEqual(['op_0']);
      const except = first.map(({ seq }) => seq);
      expect(await ids({ most: 1, except, before: 1 })).toEqual([]);
      const others = await store.acquire(acquire({ most: 2, except, before: 2 }));
      expect(others.map(({ id }) => id)).toEqual(['op_3', 'op_5']);
      const all = [...except, ...others.map(({ seq }) => seq)];
      expect(await ids({ except: all, before: 2 })).toEqual([]);
      expect(await ids({ most: 2, except: all })).toEqual(['op_1', 'op_4']);
    });

    test('of two who cancel an operation at the same moment, one is the first', async () => {
      await using store = await openStore();
      const created = await store.create(newOperation(), ['vi1'], new Set());
      const [held] = await store.acquire(acquire());
      await claim(store, seqOf(created), held?.epoch ?? 0, [0]);
      const cancelled = await Promise.all(['op_1', 'op_1'].map((id) => store.cancel(id)));
      expect(cancelled.map((one) => one?.isNews).sort()).toEqual([false, true]);
    });

    test('an operation without a single possible id is finished at once', async () => {
      await using store = await openStore();
      const created = await store.create(newOperation(), ['?', '!'], new Set(['?', '!']));
      expect(created).toMatchObject({ operation: { status: 'completed', counts: { INVALID_ID: 2 } } });
      expect(await store.hasUnfinished()).toBe(false);
    });

    test('whoever acquires an operation after its lease has ended makes older epochs powerless', async () => {
      await using store = await openStore();
      const seq = seqOf(await store.create(newOperation(), ['vi1', 'vi2'], new Set()));
      await store.acquire(acquire({ holder: 'a', leaseMs: -1 }));
      expect(await claim(store, seq, 1, [0])).toEqual([0]);
      // The claim has prolonged the lease.
      expect(await store.acquire(acquire({ holder: 'b' }))).toEqual([]);
      await store.release('a');
      expect(await store.acquire(acquire({ holder: 'b' }))).toMatchObject([{ epoch: 2 }]);
      expect(await claim(store, seq, 1, [1])).toEqual([]);
      expect(await store.settle(seq, 1, [settled(0, 'removed')])).toBe(false);
      expect(await claim(store, seq, 2, [0, 1])).toEqual([1]);
      expect(await store.hasOrphans(seq, 1)).toBe(false);
      expect(await store.hasOrphans(seq, 2)).toBe(true);
      const orphans = await store.adopt(seq, 2, 10);
      expect(orphans).toEqual([
        { place: 0, videoId: 'vi1', undoes: null, sentFrom: 1_000, claimedAt: 1_000, isSeen: false },
      ]);
      expect(await store.adopt(seq, 2, 10)).toEqual([]);
      expect(await store.hasOrphans(seq, 2)).toBe(false);
      expect(await store.settle(seq, 2, [settled(0, 'removed'), settled(1, 'NOT_FOUND')])).toBe(true);
      expect(await store.finish(seq, 2)).toMatchObject({
        status: 'completed',
        counts: { removed: 1, NOT_FOUND: 1 },
      });
    });

    test('nothing is claimed after a cancellation was answered, and what was claimed before ends it', {
      timeout: 300_000,
    }, async () => {
      await using store = await openStore();
      for (let round = 0; round < CANCELS; round += 1) {
        const id = `op_${round}`;
        const seq = seqOf(await store.create(newOperation({ id }), ['vi1', 'vi2'], new Set()));
        const [held] = await store.acquire(acquire({ holder: 'a', except: [] }));
        const epoch = held?.epoch ?? 0;
        const [claimed, cancelled] = await Promise.all([claim(store, seq, epoch, [0]), store.cancel(id)]);
        expect(cancelled).toMatchObject({ status: 'cancelled' });
        expect(cancelled?.finishedAt === null).toBe(claimed.length > 0);
        expect(await claim(store, seq, epoch, [0, 1])).toEqual([]);
        if (claimed.length > 0) {
          expect(await store.settle(seq, epoch, [settled(0, 'removed')])).toBe(true);
          expect(await store.finish(seq, epoch)).toMatchObject({ status: 'cancelled' });
        }
        const failures = await store.results(seq, true, { limit: 10, fromEnd: false });
        expect(failures.map(({ place }) => place)).toEqual(claimed.length > 0 ? [1] : [0, 1]);
        expect(await store.cancel(id)).toBeUndefined();
      }
    });

    test('an undo has what its operation removed, waits for no second one, and can be repeated', async () => {
      await using store = await openStore();
      const seq = seqOf(await store.create(newOperation(), ['vi1', 'vi2', 'vi3'], new Set()));
      const undo = newOperation({ id: 'op_undo', kind: 'restore', ifPermanent: null });
      expect(await store.createUndo(undo, 'op_9')).toEqual({ kind: 'notFound' });
      expect(await store.createUndo(undo, 'op_1')).toEqual({ kind: 'notUndoable' });
      await store.acquire(acquire());
      await claim(store, seq, 1, [0, 1, 2]);
      await store.settle(seq, 1, [
        settled(0, 'alreadyRemoved'),
        settled(1, 'removed'),
        settled(2, 'removed'),
      ]);
      await store.finish(seq, 1);
      const [first, second] = await Promise.all([
        store.createUndo(undo, 'op_1'),
        store.createUndo({ ...undo, id: 'op_second' }, 'op_1'),
      ]);
      expect([first.kind, second.kind].sort()).toEqual(['created', 'notUndoable']);
      const begun = first.kind === 'created' ? first : second;
      const undoes = { removedAt: 5_000, sentFrom: 1_000, endedBy: 6_000 };
      expect(await store.pending(seqOf(begun), 0, 10)).toEqual([
        { place: 0, videoId: 'vi2', undoes },
        { place: 1, videoId: 'vi3', undoes },
      ]);
      expect(await store.removals('op_1', 1)).toEqual([{ videoId: 'vi2', ...undoes }]);
      expect(await store.find(['op_1'])).toMatchObject([{ isBeingUndone: true }]);
      await store.cancel(idOf(begun));
      expect(await store.createUndo({ ...undo, id: 'op_third' }, 'op_1')).toMatchObject({ kind: 'created' });
    });

    test('lists and results have slices from both ends, without gaps or repeats', async () => {
      await using store = await openStore();
      const ids = Array.from({ length: 7 }, (_, index) => `op_${index}`);
      for (const id of ids) await store.create(newOperation({ id }), ids, new Set());
      await store.create(newOperation({ id: 'op_x', owner: 'another' }), ids, new Set());
      await store.create(newOperation({ id: 'op_y', project: 'another' }), ids, new Set());
      const whose = { target: TARGET, project: 'project', owner: 'owner' };
      const first = await store.list(whose, undefined, { limit: 3, fromEnd: false });
      const then = await store.list(whose, undefined, { limit: 3, fromEnd: false, after: first.at(-1)?.seq });
      const last = await store.list(whose, undefined, { limit: 2, fromEnd: true });
      const before = await store.list(whose, undefined, { limit: 2, fromEnd: true, before: last[0]?.seq });
      expect([first, then, last, before].map((slice) => slice.map(({ id }) => id))).toEqual([
        ['op_6', 'op_5', 'op_4'],
        ['op_3', 'op_2', 'op_1'],
        ['op_1', 'op_0'],
        ['op_3', 'op_2'],
      ]);
      expect(await store.count({ ...whose, owner: undefined }, true)).toBe(8);
      const seq = first[0]?.seq ?? 0;
      const results = await store.results(seq, false, { limit: 3, fromEnd: true, after: 1, before: 6 });
      expect(results.map(({ place }) => place)).toEqual([3, 4, 5]);
    });

    test('failures have slices from both ends, of what failed and what was never sent', async () => {
      await using store = await openStore();
      const ids = Array.from({ length: 8 }, (_, index) => `vi${index}`);
      const seq = seqOf(await store.create(newOperation(), ids, new Set(['vi1', 'vi6'])));
      const [held] = await store.acquire(acquire());
      const epoch = held?.epoch ?? 0;
      await claim(store, seq, epoch, [0, 2, 4]);
      await store.settle(seq, epoch, [settled(0, 'removed'), settled(2, 'OUTCOME_UNKNOWN')]);
      const places = async (slice: Parameters<OperationStore['results']>[2]) =>
        (await store.results(seq, true, slice)).map(({ place }) => place);
      expect(await places({ limit: 10, fromEnd: false })).toEqual([1, 2, 6]);
      await store.cancel('op_1');
      await store.settle(seq, epoch, [settled(4, 'removed')]);
      await store.finish(seq, epoch);

      expect(await places({ limit: 10, fromEnd: false })).toEqual([1, 2, 3, 5, 6, 7]);
      expect(await places({ limit: 2, fromEnd: false, after: 1 })).toEqual([2, 3]);
      expect(await places({ limit: 3, fromEnd: true, before: 7 })).toEqual([3, 5, 6]);
      expect(await places({ limit: 10, fromEnd: true, after: 2, before: 6 })).toEqual([3, 5]);
    });

    test('100,000 items are created, and found again', { timeout: 60_000 }, async () => {
      await using store = await openStore();
      const ids = Array.from({ length: 100_000 }, (_, index) => `vi${index}`);
      const seq = seqOf(await store.create(newOperation(), ids, new Set()));
      const end = await store.results(seq, false, { limit: 1, fromEnd: true });
      expect(end).toMatchObject([{ place: 99_999, videoId: 'vi99999' }]);
    });

    test('texts of every kind come back as they were', async () => {
      await using store = await openStore();
      const text = '\u{1F600} \'"\\ %s $1 ?1 \u2028 --';
      const created = await store.create(
        newOperation({ subject: text, owner: text, idempotencyKey: '~' }),
        [text, ...ODD],
        new Set([text, ...ODD]),
      );
      expect(created).toMatchObject({ kind: 'created', operation: { subject: text, owner: text } });
      const results = await store.results(seqOf(created), false, { limit: 20, fromEnd: false });
      expect(results.map(({ videoId }) => videoId)).toEqual([text, ...ODD]);
    });

    test('whatever is interleaved, each item has one outcome, and the counts are those of the items', {
      timeout: 180_000,
    }, async () => {
      await using store = await openStore();
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(STEP, { minLength: 1, maxLength: 4 }), { maxLength: 25 }),
          async (steps) => {
            round += 1;
            await holdTo(store, `op_r${round}`, steps);
          },
        ),
        { seed: SEED, numRuns: RUNS, endOnFailure: true },
      );
    });
  });
}

type Step =
  | { readonly verb: 'acquire' | 'cancel' | 'release'; readonly who: number }
  | {
      readonly verb: 'claim' | 'settle' | 'adopt' | 'finish';
      readonly who: number;
      readonly places: number[];
    };

const ITEMS = 5;
const STEP: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom(
    'acquire',
    'cancel',
    'release',
    'claim',
    'claim',
    'settle',
    'settle',
    'adopt',
    'finish',
  ),
  who: fc.nat({ max: 1 }),
  places: fc.uniqueArray(fc.nat({ max: ITEMS - 1 }), { minLength: 1 }),
});
const OUTCOMES: readonly (ItemOutcome | null)[] = ['removed', 'NOT_FOUND', null];

/** Two holders act on one operation; the steps of one list run side by side. */
async function holdTo(store: OperationStore, id: string, steps: readonly (readonly Step[])[]): Promise<void> {
  const target = `target of ${id}`;
  const ids = Array.from({ length: ITEMS }, (_, place) => `vi${place}`);
  const seq = seqOf(await store.create(newOperation({ id, target }), ids, new Set()));
  const epochs = [0, 0];
  /** The outcome that a settle was told to be recorded, by place. */
  const recorded = new Map<number, ItemOutcome>();
  const claims = new Map<number, Set<number>>();
  let isCancelled = false;
  for (const together of steps) {
    const wasCancelled = isCancelled;
    await Promise.all(
      together.map(async (step) => {
        const { verb, who } = step;
        const holder = `${id} ${who}`;
        const epoch = epochs[who] ?? 0;
        if (verb === 'acquire') {
          const [held] = await store.acquire(acquire({ holder, target }));
          if (held) epochs[who] = held.epoch;
        } else if (verb === 'release') await store.release(holder);
        else if (verb === 'cancel') {
          await store.cancel(id);
          isCancelled = true;
        } else if (verb === 'claim') {
          const claimed = await claim(store, seq, epoch, step.places);
          // Right after the answer to a cancellation, nothing may be claimed.
          if (wasCancelled) expect(claimed).toEqual([]);
          for (const place of claimed) claims.set(place, (claims.get(place) ?? new Set()).add(epoch));
        } else if (verb === 'adopt') await store.adopt(seq, epoch, ITEMS);
        else if (verb === 'finish') await store.finish(seq, epoch);
        else if (verb === 'settle') {
          const outcomes = step.places.map((place) => settled(place, OUTCOMES[(place + who) % 3] ?? null));
          await store.settle(seq, epoch, outcomes);
        }
      }),
    );
    const [operation] = await store.find([id]);
    const results = await store.results(seq, false, { limit: ITEMS, fromEnd: false });
    for (const { place, outcome } of results) {
      if (recorded.has(place)) expect(outcome).toBe(recorded.get(place));
      if (outcome !== null) recorded.set(place, outcome);
    }
    const counts: Partial<Record<ItemOutcome, number>> = {};
    for (const { outcome } of results) if (outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + 1;
    expect(operation?.counts).toEqual(counts);
    const isFinished = operation?.finishedAt !== null;
    if (isFinished && operation?.status === 'completed') expect(countSettled(counts)).toBe(ITEMS);
    const depth = await store.depth(target);
    expect(depth.items).toBe(isFinished ? 0 : ITEMS - countSettled(counts));
  }
}

type Acquire = Parameters<OperationStore['acquire']>[0];

function acquire(given: Partial<Acquire> = {}): Acquire {
  return {
    holder: 'a',
    target: TARGET,
    secretId: undefined,
    leaseMs: LEASE_MS,
    most: 8,
    except: [],
    ...given,
  };
}

function claim(store: OperationStore, seq: number, epoch: number, places: readonly number[]) {
  return store.claim(seq, epoch, places, { sentFrom: 1_000, seen: [], leaseMs: LEASE_MS });
}

function settled(place: number, outcome: ItemOutcome | null): Settled {
  return { place, outcome, removedAt: 5_000, deletesAt: 9_000, endedBy: 6_000 };
}

type Created = Awaited<ReturnType<OperationStore['create']>>;

function seqOf(created: Created): number {
  return 'operation' in created ? created.operation.seq : Number.NaN;
}

function idOf(created: Created): string {
  return 'operation' in created ? created.operation.id : '';
}
