// Graphcache's pages of one list, beside others of the same list: what a deletion, a restore and a new read of one page do to
// what the others show.
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { VideosDocument } from '../../src/clients/index.ts';
import { eventually } from '../support/eventually.ts';
import {
  EDGES,
  type Lists,
  NODES,
  startGraphcache as start,
  toDocument,
} from '../support/graphcache-pages.ts';
import type { ListName } from '../support/list-truth.ts';
import { createRandom } from '../support/random.ts';

const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
// In tests it forgets nothing, so that a video that is in no list would stay.
vi.stubEnv('NODE_ENV', 'development');
afterEach(() => warn.mockClear());
afterAll(() => {
  warn.mockRestore();
  vi.unstubAllEnvs();
});

test('a deletion takes no other row from the list without arguments, or from one of another size', async () => {
  await using started = await start(8);
  const { ids, list, remove } = started;
  const five = list('videos', toDocument('videos', EDGES), { first: 5 });
  const three = list('videos', toDocument('videos', EDGES), { first: 3 });
  const all = list('videos', toDocument('videos', EDGES, false), {});
  for (const each of [five, three, all]) await each.load();

  await remove([ids[1] ?? '']);

  const left = ids.filter((_, index) => index !== 1);
  expect(all.show()).toEqual({ ids: left, total: 7, hasNext: false });
  expect(five.show()).toEqual({ ids: left.slice(0, 4), total: 7, hasNext: true });
  expect(three.show()).toEqual({ ids: left.slice(0, 2), total: 7, hasNext: true });
});

test('a list of nodes and one of edges keep their own rows, and both get one back', async () => {
  await using started = await start(12);
  const { ids, list, remove, restore } = started;
  const nodes = list('videos', toDocument('videos', NODES), { first: 4 });
  const edges = list('videos', toDocument('videos', EDGES), { first: 6 });
  for (const each of [nodes, edges]) await each.load();

  await remove([ids[1] ?? '']);
  const left = ids.filter((_, index) => index !== 1);
  expect(nodes.show()).toEqual({ ids: left.slice(0, 3), total: 11, hasNext: true });
  expect(edges.show()).toEqual({ ids: left.slice(0, 5), total: 11, hasNext: true });

  await restore([ids[1] ?? '']);
  expect(nodes.show()).toMatchObject({ ids: ids.slice(0, 4), total: 12 });
  expect(edges.show()).toMatchObject({ ids: ids.slice(0, 6), total: 12 });
});

test('the first page, read again between deletions and undos, leaves no gap before the second', async () => {
  await using started = await start(12);
  const { ids, list, remove, restore, truth } = started;
  const videos = list('videos', toDocument('videos', EDGES), { first: 4 });
  await videos.load();
  await videos.loadMore();
  await remove([ids[0] ?? '']);
  await videos.reread(0);
  await remove([ids[6] ?? '']);
  await restore([ids[0] ?? '']);
  await videos.reread(0);

  while (await videos.loadMore());
  expect(videos.show()).toEqual({ ...truth('videos'), hasNext: false });
});

test('a row that stood where two pages meet is not lost when either is read again', async () => {
  await using started = await start(12);
  const { ids, list, remove, restore, sandbox } = started;
  sandbox.remove(ids[4] ?? '');
  const removed = list('removedVideos', toDocument('removedVideos', EDGES), { first: 5 });
  const videos = list('videos', toDocument('videos', EDGES), { first: 4 });
  for (const each of [removed, videos]) await each.load();
  await videos.loadMore();
  await restore([ids[4] ?? '']);
  expect(videos.show()?.ids).toEqual(ids.slice(0, 9));

  await videos.reread(0);
  while (await videos.loadMore());
  expect(videos.show()).toEqual({ ids, total: 12, hasNext: false });
  await remove([ids[3] ?? '']);
  await restore([ids[3] ?? '']);
  await videos.reread(1);
  expect(videos.show()?.ids).toEqual(ids);
});

test('a list is dropped, if the cache does not know every field of a new row', async () => {
  await using started = await start(12);
  const { ids, client, list, restore, sandbox } = started;
  sandbox.remove(ids[2] ?? '');
  const thin = toDocument('removedVideos', 'edges { node { id createdAt } }');
  await list('removedVideos', thin, { first: 5 }).load();
  const first = await client.query(VideosDocument, { first: 4 }).toPromise();
  const after = first.data?.videos?.pageInfo.endCursor ?? null;
  const shown: unknown[] = [];
  const subscription = client.query(VideosDocument, { first: 4, after }).subscribe(({ data }) => {
    shown.push(data?.videos?.edges.map(({ node }) => [node.id, Array.isArray(node.tags)]));
  });
  const toShown = (each: readonly string[]) => each.map((id) => [id, true]);
  const live = ids.filter((_, index) => index !== 2);
  await eventually(() => expect(shown.at(-1)).toEqual(toShown(live.slice(0, 8))));

  await restore([ids[2] ?? '']);

  await eventually(() => expect(shown.at(-1)).toEqual(toShown(live.slice(4, 8))));
  expect(shown).not.toContain(undefined);
  const again = await client.query(VideosDocument, { first: 4, after: null }).toPromise();
  expect(again.data?.videos?.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 4));
  subscription.unsubscribe();
});

test('a list whose rows have no ids is read again after a deletion, and not emptied', async () => {
  await using started = await start(8);
  const { ids, client, remove } = started;
  const shown: [number | undefined, (string | undefined)[] | undefined][] = [];
  const query = toDocument('videos', 'edges { cursor node { title } }');
  const subscription = client.query<Lists>(query, { first: 5 }).subscribe(({ data }) => {
    shown.push([data?.videos?.totalCount, data?.videos?.edges?.map(({ node }) => node.title)]);
  });
  const titles = [0, 1, 2, 3, 4].map((index) => `Video ${index}`);
  await eventually(() => expect(shown).toEqual([[8, titles]]));

  await remove([ids[7] ?? '']);

  await eventually(() => expect(shown.at(-1)).toEqual([7, titles]));
  expect(shown.every(([, each]) => each?.length === 5)).toBe(true);
  subscription.unsubscribe();
});

test('when a list is dropped, a later page of it shows that rows come before it', async () => {
  await using started = await start(9);
  const { ids, client, list, restore, sandbox } = started;
  sandbox.remove(ids[8] ?? '');
  const variables = { first: 3, filter: { title: 'Video' } };
  const fresh = { requestPolicy: 'network-only' } as const;
  const first = await client.query(VideosDocument, variables, fresh).toPromise();
  const second = { ...variables, after: first.data?.videos?.pageInfo.endCursor ?? null };
  await list('removedVideos', toDocument('removedVideos', EDGES), { first: 5 }).load();
  const shown: unknown[] = [];
  const subscription = client.query(VideosDocument, second).subscribe(({ data }) => {
    const { edges = [], pageInfo } = data?.videos ?? {};
    shown.push([pageInfo?.hasPreviousPage, ...edges.map(({ node }) => node.id)]);
  });
  await eventually(() => expect(shown.at(-1)).toEqual([false, ...ids.slice(0, 6)]));

  await restore([ids[8] ?? '']);

  await eventually(() => expect(shown.at(-1)).toEqual([true, ...ids.slice(3, 6)]));
  const again = await client.query(VideosDocument, { ...variables, after: null }).toPromise();
  expect(again.data?.videos?.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 3));
  subscription.unsubscribe();
});

test.each([1, 2, 3, 4])(
  'pages of one list stay true through random calls and new reads, seed %i',
  async (seed) => {
    await using started = await start(24);
    const { ids, list, remove, restore, truth } = started;
    const lists = (['videos', 'removedVideos'] as const).flatMap((name) => [
      list(name, toDocument(name, EDGES), { first: 5 }),
      list(name, toDocument(name, 'edges { node { id createdAt } }'), { first: 3 }),
      list(name, toDocument(name, NODES), { first: 4 }),
      list(name, toDocument(name, EDGES, false), {}),
    ]);
    const random = createRandom(seed);
    const pick = (name: ListName) => {
      const rows = lists.flatMap((each) => (each.name === name ? (each.show()?.ids ?? []) : []));
      return ids.filter((id) => rows.includes(id) && random() < 0.15);
    };
    for (let step = 0; step < 30; step += 1) {
      const each = lists[Math.floor(random() * lists.length)];
      const die = random();
      const before = lists.map((any) => any.show());
      const gone = die < 0.5 ? undefined : pick(die < 0.8 ? 'videos' : 'removedVideos');
      if (gone) await (die < 0.8 ? remove : restore)(gone);
      else if (!each?.show() || die < 0.1) await each?.load();
      else if (die < 0.3) await each.loadMore();
      else await each.reread(Math.floor(random() * 5));
      for (const [index, { name, show }] of lists.entries()) {
        const now = show();
        if (!now) continue;
        const { ids: all, total } = truth(name);
        const hint = `step ${step}, list ${index}`;
        expect(now.ids, hint).toEqual(all.slice(0, now.ids.length));
        expect(now.total, hint).toBe(total);
        if (!now.hasNext) expect(now.ids, hint).toHaveLength(total);
        const kept = before[index]?.ids.filter((id) => !gone?.includes(id ?? '')) ?? [];
        if (gone) expect(now.ids, hint).toEqual(expect.arrayContaining(kept));
      }
    }
    for (const each of lists) {
      if (!each.show()) await each.load();
      while (await each.loadMore());
      expect(each.show()).toEqual({ ...truth(each.name), hasNext: false });
    }
  },
);
