// What shared reads hold, and for how long: no longer than it may answer anybody, and the newest of what was read.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type Asker, SharedReads } from '../../src/upstream/shared-reads.ts';
import { BudgetExhaustedError, CancelledError } from '../../src/upstream/upstream-errors.ts';
import { eventually } from '../support/eventually.ts';

/** What is held in memory is counted. */
const ALONE = { concurrent: false };

type Page = { readonly videos: readonly string[] };

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const ANYBODY = { credentials: undefined };

function createPages(keepMs: number) {
  const weigh = ({ videos }: Page) => videos.length;
  const reads = new SharedReads<Page>({ keepMs, lagMs: 2_000, believeMs: keepMs, maxWeight: 100, weigh });
  const read = async (key: string) =>
    new WeakRef(await reads.read(key, async () => ({ videos: [`of ${key}`] }), ANYBODY));
  const readMany = (keys: readonly string[]) => Promise.all(keys.map(read));
  return { reads, readMany };
}

/** These callers join a read that fails with this error. */
async function joinFailing(askers: readonly Asker[], error: Error) {
  const { reads } = createPages(0);
  const { promise, reject } = Promise.withResolvers<Page>();
  const failing = Promise.allSettled([reads.read('a', () => promise, ANYBODY)]);
  let repeated = 0;
  const repeat = async () => {
    repeated += 1;
    return { videos: [] };
  };
  const joined = Promise.allSettled(askers.map((asker) => reads.read('a', repeat, asker)));
  reject(error);
  const ends = await joined;
  await failing;
  return { ends, repeated };
}

/** Of these, those that are still in memory. A WeakRef holds what it was made of until the end of the turn. */
async function countHeld(refs: readonly WeakRef<Page>[]): Promise<number> {
  await new Promise(setImmediate);
  collect();
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

test(
  'a page is let go of once it answers nobody any more, also where nothing more is read',
  ALONE,
  async () => {
    const { reads, readMany } = createPages(50);
    const refs = await readMany(['a', 'b', 'c']);

    await eventually(async () => expect(await countHeld(refs)).toBe(0));

    expect(reads.has('a', ANYBODY)).toBe(false);
  },
);

test('a page that is kept is held, up to so many videos', ALONE, async () => {
  const { reads, readMany } = createPages(60_000);
  const refs = await readMany(Array.from({ length: 120 }, (_, index) => `page ${index}`));

  expect(await countHeld(refs)).toBe(100);
  expect(reads.has('page 119', ANYBODY)).toBe(true);
  expect(reads.has('page 19', ANYBODY)).toBe(false);
});

test('a page is let go of once it is answered where none is kept', ALONE, async () => {
  const { readMany } = createPages(0);

  expect(await countHeld(await readMany(['a', 'b', 'c']))).toBe(0);
});

test('a read that began earlier and ends later does not take the place of a newer one', async () => {
  const { reads } = createPages(60_000);
  const { promise: earlier, resolve } = Promise.withResolvers<Page>();
  const toPage = (name: string): Page => ({ videos: [name] });

  const first = reads.read('key', () => earlier, ANYBODY);
  await reads.read('key', async () => toPage('newer'), ANYBODY, performance.now());
  resolve(toPage('older'));

  expect(await first).toEqual(toPage('older'));
  expect(await reads.read('key', async () => toPage('third'), ANYBODY)).toEqual(toPage('newer'));
});

describe('after a bulk write', () => {
  test.each([
    ['gets a kept page from before it', undefined, 'before'],
    ['that needs the state since a moment gets no kept page', 0, 'after'],
  ])('a read %s', async (_name, since, expected) => {
    const { reads } = createPages(60_000);
    await reads.read('key', async () => ({ videos: ['before'] }), ANYBODY);
    reads.forget({ isBulk: true });

    expect(reads.has('key', ANYBODY, since)).toBe(since === undefined);
    expect(await reads.read('key', async () => ({ videos: ['after'] }), ANYBODY, since)).toEqual({
      videos: [expected],
    });
  });

  test.each([
    ['joins one in flight from before it', 60_000, undefined, 'before'],
    ['that needs the state since a moment joins none', 60_000, 0, 'after'],
    ['joins none if no page is kept', 0, undefined, 'after'],
  ])('a read %s', async (_name, keepMs, since, expected) => {
    const { reads } = createPages(keepMs);
    const { promise: earlier, resolve } = Promise.withResolvers<Page>();
    const before = reads.read('key', () => earlier, ANYBODY);
    reads.forget({ isBulk: true });

    const after = reads.read('key', async () => ({ videos: ['after'] }), ANYBODY, since);

    resolve({ videos: ['before'] });
    expect(await after).toEqual({ videos: [expected] });
    expect(await before).toEqual({ videos: ['before'] });
  });

  test('a page read within the lag is kept, but not after another write', async () => {
    const { reads } = createPages(60_000);
    const read = () => reads.read('key', async () => ({ videos: ['a'] }), ANYBODY);
    reads.forget({ isBulk: true });
    await read();
    expect(reads.has('key', ANYBODY)).toBe(true);

    reads.forget({});
    await read();

    expect(reads.has('key', ANYBODY)).toBe(false);
  });
});

test('calls that have left do not repeat the failed read that they joined', async () => {
  const asker = { ...ANYBODY, signal: AbortSignal.abort() };
  const { ends, repeated } = await joinFailing(
    Array.from({ length: 100 }, () => asker),
    new CancelledError('the caller disconnected'),
  );

  expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 'rejected'));
  expect(repeated).toBe(0);
});

test.each([
  ['repeats the read if its deadline is after the reset of the rate limit', 60_000, 1],
  ['shares the failure if its deadline is before the reset', 3_000, 0],
])('a call that joined a read without budget %s', async (_name, waitMs, times) => {
  const deadline = performance.now() + waitMs;
  const { repeated } = await joinFailing([{ ...ANYBODY, deadline }], new BudgetExhaustedError(30));

  expect(repeated).toBe(times);
});
