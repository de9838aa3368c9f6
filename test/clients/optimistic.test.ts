// What Apollo Client shows while a call of the shipped documents is on its way.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { expect, test } from 'vitest';
import { possibleTypes, typePolicies } from '../../src/clients/apollo.ts';
import {
  assumeRemoved,
  assumeRestored,
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideoDetailsFragmentDoc,
  VideosDocument,
} from '../../src/clients/index.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

/** A client that looks at the videos in its cache whenever a request leaves. */
async function startClient({ videos, ids }: ReturnType<typeof createVideos>) {
  const gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const cache = new InMemoryCache({ possibleTypes, typePolicies });
  const read = (isOptimistic = false) =>
    ids.flatMap((id) => {
      const fragment = { fragment: VideoDetailsFragmentDoc, fragmentName: 'VideoDetails' };
      const video = cache.readFragment({ id: `Video:${id}`, ...fragment }, isOptimistic);
      return video ? [video] : [];
    });
  const seen: ReturnType<typeof read>[] = [];
  const link = new HttpLink({
    uri: `${gateway.origin}/graphql`,
    fetch: (uri, init) => {
      seen.push(read(true));
      return fetch(uri, init);
    },
  });
  const client = new ApolloClient({ link, cache });
  return {
    ...gateway,
    client,
    read,
    seen,
    async [Symbol.asyncDispose]() {
      client.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

test('a deletion of 50 videos shows 50 as removed before it is answered, and then what happened', async () => {
  const created = createVideos(50);
  await using started = await startClient(created);
  const { client, read, seen, sandbox } = started;
  await client.query({ query: VideosDocument, variables: { first: 50 } });
  const ids = [...created.ids, 'viNowhere'];

  const { data } = await client.mutate({
    mutation: DeleteVideosDocument,
    variables: { ids },
    optimisticResponse: ({ ids: given }) => assumeRemoved([...given]),
  });

  const shown = seen.at(-1) ?? [];
  expect(shown).toHaveLength(50);
  for (const video of shown) {
    expect(video).toMatchObject({ removed: true, assets: null });
    const daysKept = (Date.parse(video.deletesAt ?? '') - Date.parse(video.removedAt ?? '')) / 86_400_000;
    expect(daysKept).toBe(90);
    expect(video.removedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }
  expect(data?.deleteVideos?.summary).toMatchObject({ succeeded: 50, failed: 1 });
  expect(read().filter(({ removed, assets }) => removed && assets === null)).toHaveLength(50);
  expect(created.ids.map((id) => sandbox.state(id))).toEqual(created.ids.map(() => 'removed'));
  // What was assumed of the video that does not exist is gone.
  expect(JSON.stringify(client.cache.extract(true))).not.toContain('"Video:viNowhere"');
});

test('a restore of 50 videos shows 50 as live before it is answered, and then with their assets', async () => {
  const created = createRemovedVideos(50);
  await using started = await startClient(created);
  const { client, read, seen } = started;
  await client.query({ query: RemovedVideosDocument, variables: { first: 50 } });
  expect(read().filter(({ removed }) => removed)).toHaveLength(50);

  await client.mutate({
    mutation: RestoreVideosDocument,
    variables: { ids: created.ids },
    optimisticResponse: assumeRestored(created.ids),
  });

  const state = { removed: false, removedAt: null, deletesAt: null };
  expect(seen.at(-1)).toMatchObject(created.ids.map((id) => ({ id, ...state, assets: null })));
  const assets = expect.objectContaining({ hls: expect.any(String) });
  expect(read()).toMatchObject(created.ids.map((id) => ({ id, ...state, assets })));
});

test('nothing of an optimistic deletion stays where the call fails as a whole', async () => {
  const created = createVideos(3);
  await using started = await startClient(created);
  const { client, read, seen } = started;
  await client.query({ query: VideosDocument, variables: { first: 3 } });
  const before = read();

  const variables = { ids: created.ids, options: { waitSeconds: -1 } };
  const { data } = await client.mutate({
    mutation: DeleteVideosDocument,
    variables,
    optimisticResponse: assumeRemoved(created.ids),
  });

  expect(data?.deleteVideos?.userErrors).toHaveLength(1);
  expect(seen.at(-1)?.filter(({ removed }) => removed)).toHaveLength(3);
  expect(read()).toEqual(before);
});

test('an id given twice is assumed once, as the gateway answers it', () => {
  const answers = [
    assumeRemoved(['a', 'b', 'a']).deleteVideos,
    assumeRestored(['a', 'b', 'a']).restoreVideos,
  ];
  for (const answer of answers) {
    expect(answer?.results.map(({ videoId }) => videoId)).toEqual(['a', 'b']);
    expect(answer?.summary).toMatchObject({ requested: 2, succeeded: 2, failed: 0, pending: 0 });
  }
});
