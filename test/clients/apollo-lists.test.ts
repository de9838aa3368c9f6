// Apollo's cached lists after deletions and restores, compared with upstream's own.
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { expect, test } from 'vitest';
import { applyResults, possibleTypes, typePolicies, updateVideoLists } from '../../src/clients/apollo.ts';
import {
  assumeRemoved,
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { eventually } from '../support/eventually.ts';
import {
  deleteFiftyAndUndoTen,
  type ListClient,
  type ListName,
  startOrderedGateway,
  walkLists,
} from '../support/list-truth.ts';

const DOCUMENTS = { videos: VideosDocument, removedVideos: RemovedVideosDocument };

async function startClient(count: number) {
  const gateway = await startOrderedGateway(count);
  const cache = new InMemoryCache({ possibleTypes, typePolicies });
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${gateway.origin}/graphql` }),
    cache,
    defaultOptions: { mutate: { update: updateVideoLists } },
  });
  const read = (name: ListName, variables: object) => {
    const data: unknown = cache.readQuery({ query: DOCUMENTS[name], variables });
    return Object(data)[name];
  };
  const load: ListClient['load'] = (name, variables) =>
    client.query({ query: DOCUMENTS[name], variables, fetchPolicy: 'network-only' });
  const lists: ListClient = {
    ids: gateway.ids,
    truth: gateway.truth,
    load,
    show(name, variables) {
      const list = read(name, variables);
      if (!list) return undefined;
      const ids = list.edges.map((edge: { node: { id: string } }) => edge.node.id);
      return { ids, total: list.totalCount, hasNext: list.pageInfo.hasNextPage };
    },
    // Merged as `fetchMore` does.
    async loadMore(name, variables) {
      const { hasNextPage, endCursor } = read(name, variables).pageInfo;
      if (hasNextPage) await load(name, { ...variables, after: endCursor });
      return hasNextPage;
    },
    remove: async (ids) =>
      ids.length > 0 && client.mutate({ mutation: DeleteVideosDocument, variables: { ids: [...ids] } }),
    restore: async (ids) =>
      ids.length > 0 && client.mutate({ mutation: RestoreVideosDocument, variables: { ids: [...ids] } }),
  };
  return {
    ...gateway,
    ...lists,
    cache,
    client,
    async [Symbol.asyncDispose]() {
      client.stop();
      await gateway[Symbol.asyncDispose]();
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

test('rows leave and come back with an optimistic answer, and are back after an answer that says otherwise', async () => {
  await using started = await startClient(6);
  const { ids, load, show, client, cache, remove, truth } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });
  const before = show('videos', { first: 5 });
  const readExpected = () =>
    Object(cache.readQuery({ query: VideosDocument, variables: { first: 5 } }, true)).videos;

  const refused = client.mutate({
    mutation: DeleteVideosDocument,
    variables: { ids: [] },
    optimisticResponse: assumeRemoved(ids.slice(1, 3)),
  });
  expect(readExpected()).toMatchObject({ totalCount: 4, edges: { length: 3 } });
  await refused;
  expect(readExpected()).toMatchObject({ totalCount: 6, edges: { length: 5 } });
  expect(show('videos', { first: 5 })).toEqual(before);

  await remove(ids.slice(1, 3));
  expect(show('videos', { first: 5 })).toMatchObject({ total: 4 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});

test('an optimistic answer drops no list from the cache, so that nothing is read before the call has ended', async () => {
  await using started = await startClient(6);
  const { ids, load, client, cache } = started;
  const variables = { first: 2, filter: { title: 'Video' } };
  await load('videos', variables);

  const refused = client.mutate({
    mutation: DeleteVideosDocument,
    variables: { ids: [] },
    optimisticResponse: assumeRemoved(ids.slice(5)),
  });
  expect(cache.readQuery({ query: VideosDocument, variables }, true)).not.toBeNull();
  await refused;
});

test("the app's own document with an alias and few fields is followed as well", async () => {
  await using started = await startClient(6);
  const { ids, load, show, client, truth } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });

  await client.mutate({
    mutation: gql`
      mutation ($ids: [ID!]!) {
        mine: deleteVideos(ids: $ids) {
          results {
            videoId
          }
        }
      }
    `,
    variables: { ids: ids.slice(0, 2) },
  });

  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(2, 5), total: 4 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});

test('a list that is queried for its nodes alone, and one read from its end, are followed', async () => {
  await using started = await startClient(9);
  const { ids, client, remove, restore } = started;
  const nodes = gql`
    query ($orderBy: VideoOrder) {
      videos(first: 4, orderBy: $orderBy) {
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
  const end = { last: 4, filter: { title: 'Video' } };
  await client.query({ query: nodes });
  await client.query({ query: VideosDocument, variables: end });
  const show = () => [
    client
      .readQuery<{ videos: { nodes: { id: string }[] } }>({ query: nodes })
      ?.videos.nodes.map(({ id }) => id),
    client.readQuery({ query: VideosDocument, variables: end })?.videos?.edges.map(({ node }) => node.id),
  ];
  expect(show()).toEqual([ids.slice(0, 4), ids.slice(5)]);

  await remove([ids[3] ?? '', ids[5] ?? '']);
  expect(show()).toEqual([ids.slice(0, 3), undefined]);

  await client.query({ query: VideosDocument, variables: end });
  await restore([ids[3] ?? '']);
  expect(show()[0]).toEqual(ids.slice(0, 4));
});

test('a list that is shown is read again, if the cache cannot prove what it is now', async () => {
  await using started = await startClient(6);
  const { ids, client, remove, restore, truth } = started;
  const variables = { first: 3, orderBy: { field: 'TITLE', direction: 'ASC' } } as const;
  const shown: (readonly string[])[] = [];
  const subscription = client.watchQuery({ query: VideosDocument, variables }).subscribe(({ data }) => {
    shown.push(data?.videos?.edges?.map((edge) => edge?.node?.id ?? '') ?? []);
  });
  await eventually(() => expect(shown.at(-1)).toEqual(ids.slice(0, 3)));

  await remove(ids.slice(0, 1));
  await eventually(() => expect(shown.at(-1)).toEqual(ids.slice(1, 3)));
  await remove(ids.slice(4, 5));
  await restore(ids.slice(4, 5));

  await eventually(() => expect(shown.at(-1)).toEqual(truth('videos').ids.slice(0, 3)));
  subscription.unsubscribe();
});

test('results that arrive later are applied once, however often and in whatever order they come', async () => {
  await using started = await startClient(8);
  const { ids, load, show, cache, truth, sandbox } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });
  const gone = ids.slice(0, 3);
  for (const id of gone) sandbox.remove(id);

  const results = gone.map((videoId) => ({ __typename: 'VideoRemoved', videoId, alreadyRemoved: false }));
  for (const result of [...results.toReversed(), ...results]) applyResults(cache, [result]);

  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(3, 5), total: 5 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});

test('a failure changes no list, except where it says that the video is gone', async () => {
  await using started = await startClient(6);
  const { ids, load, show, cache, truth, sandbox, remove } = started;
  await load('videos', { first: 5 });
  await load('removedVideos', { first: 5 });
  const before = cache.extract().ROOT_QUERY;

  await remove(['viNowhere', 'not an id']);
  for (const code of ['OUTCOME_UNKNOWN', 'NOT_ATTEMPTED', 'UPSTREAM_UNAVAILABLE']) {
    const results = [{ __typename: 'VideoFailure', videoId: ids[0], code }];
    updateVideoLists(cache, { data: { deleteVideos: { results } } });
  }
  expect(cache.extract().ROOT_QUERY).toEqual(before);

  sandbox.destroy(ids[0] ?? '');
  await remove(ids.slice(0, 1));
  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(1, 5), total: 5 });

  sandbox.videoRestore = false;
  await remove([ids[1] ?? '', ids[5] ?? '']);
  expect(sandbox.state(ids[5] ?? '')).toBe('absent');
  expect(show('videos', { first: 5 })).toMatchObject({ ids: ids.slice(2, 5), total: 3 });
  expect(show('removedVideos', { first: 5 })).toMatchObject(truth('removedVideos'));
});
