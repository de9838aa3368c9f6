// Lists in both caches while durable operations settle videos, compared with upstream's own.
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { findFault, type ListName, startOrderedGateway } from '../support/list-truth.ts';
import { OPERATION_CLIENTS, type OperationClient, type Started } from '../support/operation-clients.ts';
import { createRandom } from '../support/random.ts';
import type { TestGatewayOptions } from '../support/test-gateway.ts';

const NAMES = ['videos', 'removedVideos'] as const;
const PAGE = { first: 10 };

async function start(name: keyof typeof OPERATION_CLIENTS, count: number, options: TestGatewayOptions = {}) {
  const gateway = await startOrderedGateway(count, { store: { kind: 'memory' }, ...options });
  const client = OPERATION_CLIENTS[name](gateway.origin);
  return {
    ...gateway,
    ...client,
    /** Lists that the gateway was asked for, as api.video saw it. */
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

const hearEnd = ({ hear }: Pick<OperationClient, 'hear'>, { id }: Started) =>
  eventually(async () => expect((await hear(id)).finishedAt).not.toBeNull());

describe.each(['apollo', 'urql'] as const)('%s', (name) => {
  test('reads shown lists again once an operation has ended, and drops those that are not shown', async () => {
    await using client = await start(name, 25);
    const { ids, truth, show, load, remove, undo, watch } = client;
    const oldest = { first: 5, orderBy: { field: 'CREATED_AT', direction: 'ASC' } };
    await load('videos', oldest);
    const shown = NAMES.map((list) => ({ list, watching: watch(list, PAGE) }));
    const showTruth = () =>
      eventually(() => {
        for (const { list, watching } of shown) {
          const { ids: rows, total } = truth(list);
          expect(watching.latest()).toMatchObject({ ids: rows.slice(0, 10), total });
        }
      });
    await showTruth();

    const operation = await remove(ids.slice(0, 8));
    await hearEnd(client, operation);
    await showTruth();
    expect(show('videos', oldest)).toBeUndefined();

    await hearEnd(client, await undo(operation.id));
    await showTruth();
    for (const { watching } of shown) watching.stop();
  });

  test('keeps the pages of a list until the end, and reads one page again as soon as a video is settled', async () => {
    await using client = await start(name, 30, { limits: { reads: 1000, writes: 6 } });
    const { ids, truth, show, load, remove, cancel, hear } = client;
    await load('videos', PAGE);
    await load('videos', { ...PAGE, after: show('videos', PAGE)?.endCursor });
    await load('removedVideos', PAGE);
    const operation = await remove(ids.slice(20));
    await hear(operation.id);
    await eventually(async () => expect((await hear(operation.id)).pending).toBeLessThan(10));

    expect(show('videos', PAGE)?.ids).toEqual(ids.slice(0, 20));
    expect(show('removedVideos', PAGE)).toBeUndefined();

    await cancel(operation.id);
    await hearEnd(client, operation);
    expect(show('videos', PAGE)).toBeUndefined();
    await load('videos', PAGE);
    expect(show('videos', PAGE)?.total).toBe(truth('videos').total);
  });

  test('moves no row by the results of an operation that was undone, or by its repeated key', async () => {
    await using client = await start(name, 12);
    const { ids, truth, show, load, remove, restore, undo, readResults, hear } = client;
    const some = ids.slice(0, 4);
    const operation = await remove(some, { idempotencyKey: 'the same', waitSeconds: 20 });
    expect(operation.finishedAt).not.toBeNull();
    await hearEnd(client, await undo(operation.id, { waitSeconds: 20 }));
    for (const list of NAMES) await load(list, PAGE);
    const isTrue = async () => {
      for (const list of NAMES) {
        if (!show(list, PAGE)) await load(list, PAGE);
        const shown = show(list, PAGE);
        expect(shown && findFault(shown, truth(list))).toBeUndefined();
      }
    };

    await readResults(operation.id);
    await hear(operation.id);
    for (const list of NAMES) expect(show(list, PAGE)).toBeDefined();
    await isTrue();
    expect(await remove(some, { idempotencyKey: 'the same', waitSeconds: 20 })).toMatchObject({
      id: operation.id,
    });
    await isTrue();
    await restore(some, { waitSeconds: 20 });
    await isTrue();
    expect(truth('videos').total).toBe(12);
  });

  test('reads the list of operations again after a start and an end', async () => {
    await using client = await start(name, 3);
    const { ids, remove, loadOperations, showOperations } = client;
    await loadOperations();
    expect(showOperations()).toEqual([]);

    const operation = await remove(ids);
    expect(showOperations()).toBeUndefined();
    await loadOperations();
    expect(showOperations()).toEqual([operation.id]);
    await hearEnd(client, operation);
    expect(showOperations()).toBeUndefined();
  });

  test('joins the pages of results, and those of operations', async () => {
    await using client = await start(name, 5);
    const { ids, remove, pageResults, pageOperations } = client;
    const started = [];
    for (const id of ids) started.unshift(await remove([id], { waitSeconds: 20 }));
    expect(await pageOperations(2)).toEqual(started.map(({ id }) => id));
    const all = await remove(ids, { waitSeconds: 20 });
    expect(await pageResults(all.id, 2)).toEqual(ids);
  });

  test.each([1, 2, 3])(
    'shows only what upstream has, whenever all operations have ended: walk %i',
    async (seed) => {
      await using client = await start(name, 40);
      await walk(client, seed);
    },
  );
});

/** Starts, undoes, cancels and repeats operations at random, and reads lists and results in between. */
async function walk(client: Awaited<ReturnType<typeof start>>, seed: number): Promise<void> {
  const { truth, show, load, remove, restore, undo, cancel, hear, readResults } = client;
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)];
  const some = (items: readonly string[]) => {
    const picked = items.filter(() => random() < 0.25);
    return picked.length > 0 ? picked : items.slice(0, 1);
  };
  const keyed: { readonly key: string; readonly videos: readonly string[] }[] = [];
  const ended: string[] = [];
  const running: Started[] = [];
  const compare = async () => {
    for (const list of NAMES) {
      if (!show(list, PAGE)) await load(list, PAGE);
      const shown = show(list, PAGE);
      expect(shown && findFault(shown, truth(list)), list).toBeUndefined();
    }
  };
  const page = async (list: ListName) => {
    const shown = show(list, PAGE);
    await load(list, shown?.hasNext ? { ...PAGE, after: shown.endCursor } : PAGE);
  };
  for (let step = 0; step < 40; step += 1) {
    const die = random();
    const live = some(truth('videos').ids);
    const old = pick(ended);
    if (die < 0.3) await page(pick(NAMES) ?? 'videos');
    else if (die < 0.45) {
      const key = `key ${step}`;
      keyed.push({ key, videos: live });
      if (live.length > 0) running.push(await remove(live, { idempotencyKey: key }));
    } else if (die < 0.55) {
      const gone = some(truth('removedVideos').ids);
      if (gone.length > 0) running.push(await restore(gone, { waitSeconds: pick([0, 5]) ?? 0 }));
    } else if (die < 0.65 && old) {
      const undone = await undo(old).catch(() => undefined);
      if (undone) running.push(undone);
    } else if (die < 0.75) {
      const again = pick(keyed);
      if (again) running.push(await remove(again.videos, { idempotencyKey: again.key }));
    } else if (die < 0.8 && running[0]) await cancel(running[0].id);
    else if (die < 0.85 && old) await readResults(old);
    else if (die < 0.9 && old) await hear(old);
    else {
      for (const each of running) await hearEnd(client, each);
      ended.push(...running.splice(0).map(({ id }) => id));
      await compare();
    }
  }
  for (const each of running) await hearEnd(client, each);
  await compare();
}
