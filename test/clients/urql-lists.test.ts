// Graphcache's lists after deletions and restores, compared with upstream's own.
import { Client, fetchExchange, gql } from '@urql/core';
import { type Cache, cacheExchange, type UpdateResolver } from '@urql/exchange-graphcache';
import { afterAll, expect, test, vi } from 'vitest';
import {
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { applyResults, keys, optimistic, resolvers, schema, updates } from '../../src/clients/urql.ts';
import { eventually } from '../support/eventually.ts';
import {
  deleteFiftyAndUndoTen,
  type ListClient,
  type ListName,
  startOrderedGateway,
  walkLists,
} from '../support/list-truth.ts';

// Graphcache warns of what it has no settings for, such as a field that the schema lacks.
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
// In tests it forgets nothing, so that a video that is in no list would stay.
vi.stubEnv('NODE_ENV', 'development');
afterAll(() => {
  warn.mockRestore();
  vi.unstubAllEnvs();
});

const DOCUMENTS = { videos: VideosDocument, removedVideos: RemovedVideosDocument };

/** @param onDeletion called with the cache after the package's own update, which `again` repeats */
async function startClient(count: number, onDeletion?: (cache: Cache, again: () => void) => void) {
  const gateway = await startOrderedGateway(count);
  const update: UpdateResolver = (result, args, cache, info) => {
    const follow = () => updates.Mutation.deleteVideos(result, args, cache, info);
    follow();
    onDeletion?.(cache, follow);
  };
  const client = new Client({
    url: `${gateway.origin}/graphql`,
    exchanges: [
      cacheExchange({
        schema,
        keys,
        resolvers,
        updates: onDeletion ? { Mutation: { ...updates.Mutation, deleteVideos: update } } : updates,
        ...(onDeletion ? { optimistic } : {}),
      }),
      fetchExchange,
    ],
  });
  /** What the page that was asked for last shows: that is the whole list so far. */
  const latest = new Map<string, object>();
  const read = (name: ListName, variables: object) => {
    const asked = latest.get(JSON.stringify([name, variables])) ?? variables;
    const result = client.readQuery<object>(DOCUMENTS[name], asked, { requestPolicy: 'cache-only' });
    return Object(result?.data)[name];
  };
  const load = async (name: ListName, variables: object, asked = variables) => {
    latest.set(JSON.stringify([name, variables]), asked);
    const { error } = await client
      .query<object>(DOCUMENTS[name], asked, { requestPolicy: 'network-only' })
      .toPromise();
    expect(error).toBeUndefined();
  };
  const lists: ListClient = {
    ids: gateway.ids,
    truth: gateway.truth,
    load: (name, variables) => load(name, variables),
    show(name, variables) {
      const list = read(name, variables);
      if (!list) return undefined;
      const ids = list.edges.map((edge: { node: { id: string } }) => edge.node.id);
      return { ids, total: list.totalCount, hasNext: list.pageInfo.hasNextPage };
    },
    async loadMore(name, variables) {
      const { hasNextPage, endCursor } = read(name, variables).pageInfo;
      if (hasNextPage) await load(name, variables, { ...variables, after: endCursor });
      return hasNextPage;
    },
    remove: async (ids) =>
      ids.length > 0 && client.mutation(DeleteVideosDocument, { ids: [...ids] }).toPromise(),
    restore: async (ids) =>
      ids.length > 0 && client.mutation(RestoreVideosDocument, { ids: [...ids] }).toPromise(),
  };
  return {
    ...gateway,
    ...lists,
    client,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      expect(warn.mock.calls).toEqual([]);
    },
  };
}

test('both lists and both totals follow 50 deletions and an undo of 10, and paging goes on without gaps', async () => {
  await using started = await startClient(75);
  await deleteFiftyAndUndoTen(started);
});

test.each([1, 2, 3])('lists stay true through random calls and reads, seed %i', async (seed) => {
  await using started = await startClient(30);
  await walkLists(started, seed);
});

test('an undone row comes back whole, though it was in no list meanwhile', async () => {
  await using started = await startClient(6);
  const { ids, load, show, client, remove, restore } = started;
  await load('videos', { first: 3 });
  const read = () => client.readQuery(VideosDocument, { first: 3 })?.data?.videos?.edges[1]?.node;
  const before = read();

  await remove([ids[1] ?? '', ids[2] ?? '']);
  // Graphcache forgets what no list links in a turn of its own.
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve);
  await promise;
  await restore([ids[1] ?? '']);

  expect(show('videos', { first: 3 })).toMatchObject({ ids: ids.slice(0, 2), total: 5 });
  expect(read()).toMatchObject({ title: before?.title, createdAt: before?.createdAt });
});

test("the app's own document with an alias and few fields is followed as well", async () => {
  await using started = await startClient(6);
  const { ids, load, show, client, truth } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });

  const own = gql`
    mutation ($ids: [ID!]!) {
      mine: deleteVideos(ids: $ids) {
        results {
          videoId
        }
      }
    }
  `;
  await client.mutation(own, { ids: ids.slice(0, 2) }).toPromise();

  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(2, 5), total: 4 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});

test('a list that is queried for its nodes alone is followed', async () => {
  await using started = await startClient(9);
  const { ids, client, remove, restore } = started;
  const nodes = gql<{ videos: { totalCount: number; nodes: { id: string }[] } }>`
    {
      videos(first: 4) {
        totalCount
        nodes {
          id
          createdAt
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  `;
  const show = () => {
    const list = client.readQuery(nodes, {})?.data?.videos;
    return [list?.totalCount, list?.nodes.map(({ id }) => id)];
  };
  await client.query(nodes, {}).toPromise();
  expect(show()).toEqual([9, ids.slice(0, 4)]);

  await remove([ids[3] ?? '', ids[1] ?? '']);
  expect(show()).toEqual([7, [ids[0], ids[2]]]);
  await restore([ids[3] ?? '']);
  expect(show()).toEqual([8, [ids[0], ids[2], ids[3]]]);
});

test('a list that is shown is read again, if the cache cannot prove what it is now', async () => {
  await using started = await startClient(6);
  const { ids, client, remove, restore, truth } = started;
  const variables = { first: 3, orderBy: { field: 'TITLE', direction: 'ASC' } } as const;
  const shown: (readonly string[])[] = [];
  const subscription = client.query(VideosDocument, variables).subscribe(({ data }) => {
    shown.push(data?.videos?.edges.map(({ node }) => node.id) ?? []);
  });
  await eventually(() => expect(shown.at(-1)).toEqual(ids.slice(0, 3)));

  await remove(ids.slice(0, 1));
  await eventually(() => expect(shown.at(-1)).toEqual(ids.slice(1, 3)));
  await remove(ids.slice(4, 5));
  await restore(ids.slice(4, 5));

  await eventually(() => expect(shown.at(-1)).toEqual(truth('videos').ids.slice(0, 3)));
  subscription.unsubscribe();
});

test('an answer that comes twice changes a total alone once, as it does the list beside it', async () => {
  await using started = await startClient(8, (_cache, again) => again());
  const { ids, client, load, remove, show, truth } = started;
  await load('videos', { first: 3 });
  const total = gql`query { videos { totalCount } }`;
  await client.query(total, {}).toPromise();

  await remove(ids.slice(0, 2));

  const cached = await client.query(total, {}, { requestPolicy: 'cache-only' }).toPromise();
  expect(cached.data.videos.totalCount).toBe(6);
  expect(show('videos', { first: 3 })).toMatchObject({ ids: ids.slice(2, 3), total: truth('videos').total });
});

test('an optimistic answer moves rows, drops no list, and is taken back by an answer that says otherwise', async () => {
  const seen: unknown[] = [];
  await using started = await startClient(6, (cache) => {
    const read = () =>
      cache
        .readQuery({ query: VideosDocument, variables: { first: 5 } })
        ?.videos?.edges.map(({ node }) => node.id);
    seen.push(read());
  });
  const { ids, load, show, client, sandbox } = started;
  await load('videos', { first: 5 });
  await load('videos', { first: 2, filter: { title: 'Video' } });
  const before = show('videos', { first: 5 });
  const filtered = show('videos', { first: 2, filter: { title: 'Video' } });
  sandbox.clearRequests();

  const { data } = await client
    .mutation(DeleteVideosDocument, { ids: [ids[0] ?? '', 'x'], options: { waitSeconds: -1 } })
    .toPromise();

  expect(data?.deleteVideos?.userErrors).toMatchObject([{ code: 'INVALID_ARGUMENT' }]);
  expect(seen).toEqual([ids.slice(1, 5), ids.slice(0, 5)]);
  expect(show('videos', { first: 5 })).toEqual(before);
  expect(show('videos', { first: 2, filter: { title: 'Video' } })).toEqual(filtered);
  expect(sandbox.requests).toEqual([]);
});

test('results that arrive later are applied once, however often and in whatever order they come', async () => {
  const gone: string[] = [];
  // An updater of the app's own: here, of any mutation.
  await using started = await startClient(8, (cache) => {
    const results = gone.map((videoId) => ({ __typename: 'VideoRemoved', videoId, alreadyRemoved: false }));
    for (const result of [...results.toReversed(), ...results]) applyResults(cache, [result]);
  });
  const { ids, load, show, truth, sandbox, client } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });
  gone.push(...ids.slice(0, 3));
  for (const id of gone) sandbox.remove(id);

  await client.mutation(DeleteVideosDocument, { ids: [] }).toPromise();

  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(3, 5), total: 5 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});
