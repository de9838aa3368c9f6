// Apollo Client as it comes, with the cache settings that the package ships.

import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { DisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { possibleTypes, typePolicies } from '../../src/clients/apollo.ts';
import {
  DeleteVideosDocument,
  NodesDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideoDetailsFragmentDoc,
  VideoDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

async function startClient(count: number) {
  const { videos, ids } = createVideos(count);
  const gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${gateway.origin}/graphql` }),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
  const readCached = (id: string) =>
    client.cache.readFragment({
      from: { __typename: 'Video', id },
      fragment: VideoDetailsFragmentDoc,
      fragmentName: 'VideoDetails',
    });
  return {
    ...gateway,
    client,
    ids,
    readCached,
    async [Symbol.asyncDispose]() {
      client.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

test('a video is followed through its deletion and its restore in the normalised cache', async () => {
  await using started = await startClient(3);
  const { client, sandbox, ids, readCached } = started;
  const [id = '', ...others] = ids;
  await client.query({ query: VideosDocument, variables: { first: 10 } });
  expect(ids.map((each) => readCached(each)?.removed)).toEqual([false, false, false]);

  const deletion = await client.mutate({
    mutation: DeleteVideosDocument,
    variables: { ids: [id, 'viNowhere'] },
  });
  expect(deletion.data?.deleteVideos?.results).toMatchObject([
    { __typename: 'VideoRemoved', videoId: id, alreadyRemoved: false },
    { __typename: 'VideoFailure', videoId: 'viNowhere', code: 'NOT_FOUND', retryable: false },
  ]);
  expect(sandbox.state(id)).toBe('removed');
  expect(readCached(id)?.removed).toBe(true);
  expect(others.map((each) => readCached(each)?.removed)).toEqual([false, false]);
  const list = client.cache.readQuery({ query: VideosDocument, variables: { first: 10 } });
  expect(list?.videos?.edges.filter(({ node }) => node.removed).map(({ node }) => node.id)).toEqual([id]);

  const removed = await client.query({ query: RemovedVideosDocument, fetchPolicy: 'network-only' });
  expect(removed.data?.removedVideos?.edges.map(({ node }) => node.id)).toEqual([id]);
  expect(readCached(id)?.deletesAt).toEqual(expect.any(String));

  await client.mutate({ mutation: RestoreVideosDocument, variables: { ids: [id] } });
  expect(sandbox.state(id)).toBe('live');
  expect(readCached(id)?.removed).toBe(false);
  const emptied = await client.query({ query: RemovedVideosDocument, fetchPolicy: 'network-only' });
  expect(emptied.data?.removedVideos).toMatchObject({ totalCount: 0, edges: [] });
});

test('fetchMore merges the pages of a list, and keeps the lists of two filters apart', async () => {
  await using started = await startClient(5);
  const { client, ids } = started;
  const query = client.watchQuery({ query: VideosDocument, variables: { first: 2 } });
  using subscriptions = new DisposableStack();
  subscriptions.adopt(
    query.subscribe(() => {}),
    (subscription) => subscription.unsubscribe(),
  );

  let { data } = await client.query({ query: VideosDocument, variables: { first: 2 } });
  while (data?.videos?.pageInfo.hasNextPage) {
    const after = data.videos.pageInfo.endCursor;
    ({ data } = await query.fetchMore({ variables: { after } }));
  }
  await client.query({ query: VideosDocument, variables: { first: 2, filter: { title: 'Video 3' } } });

  const all = client.cache.readQuery({ query: VideosDocument, variables: { first: 2 } });
  expect(all?.videos?.edges.map(({ node }) => node.id).toSorted()).toEqual(ids.toSorted());
  expect(all?.videos?.pageInfo.hasNextPage).toBe(false);
  const filtered = client.cache.readQuery({
    query: VideosDocument,
    variables: { first: 2, filter: { title: 'Video 3' } },
  });
  expect(filtered?.videos?.edges.map(({ node }) => node.title)).toEqual(['Video 3']);
});

test('the assets of a video are merged, and a fragment on Node is matched to Video', async () => {
  await using started = await startClient(1);
  const { client, ids } = started;
  const [id = ''] = ids;
  await client.query({ query: VideoDocument, variables: { id } });
  client.cache.writeFragment({
    from: { __typename: 'Video', id },
    fragment: gql`
      fragment Hls on Video {
        assets {
          hls
        }
      }
    `,
    data: { assets: { __typename: 'VideoAssets', hls: 'https://example.com/changed.m3u8' } },
  });

  const { data } = await client.query({ query: VideoDocument, variables: { id }, fetchPolicy: 'cache-only' });

  expect(data?.video?.assets).toMatchObject({
    hls: 'https://example.com/changed.m3u8',
    iframe: expect.any(String),
  });
  const nodes = await client.query({ query: NodesDocument, variables: { ids: [id, 'viNowhere'] } });
  expect(nodes.data?.nodes).toMatchObject([{ __typename: 'Video', id, title: 'Video 0' }, null]);
});
