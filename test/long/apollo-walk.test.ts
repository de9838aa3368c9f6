// A list of 10,000 videos in Apollo Client, which reads again what no longer fits into its caches. The test counts these reads: a
// page and a deletion cost what they change, not what is there.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { expect, test } from 'vitest';
import { possibleTypes, raiseCacheSizes, typePolicies, updateVideoLists } from '../../src/clients/apollo.ts';
import {
  assumeRemoved,
  assumeRestored,
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { toLists } from '../support/list-calls.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const VIDEOS = 10_000;
const PAGE = 100;
const SOME = 300;
const ROUNDS = 5;

test('each page of 10,000 videos reads its own rows, and a deletion the row of its video', async () => {
  raiseCacheSizes(VIDEOS);
  const metadata = [
    { key: 'Author', value: 'Jane Doe' },
    { key: 'Format', value: 'Tutorial' },
  ];
  const videos = createShelf(VIDEOS).map((video) => ({ ...video, tags: ['long', 'list'], metadata }));
  const ids = videos.map(({ videoId }) => videoId);
  await using started = await startListeningGateway({
    videos,
    limits: null,
    env: { VIDEO_RESTORE: 'on' },
  });
  let reads = 0;
  const countReads = (title: unknown) => {
    reads += 1;
    return title;
  };
  const policies = { ...typePolicies, Video: { fields: { title: countReads } } };
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${started.origin}/graphql` }),
    cache: new InMemoryCache({ possibleTypes, typePolicies: policies }),
  });
  const variables = { first: PAGE };
  const watched = client.watchQuery({ query: VideosDocument, variables });
  let shown: readonly string[] = [];
  const subscription = watched.subscribe(({ data }) => {
    shown = data?.videos?.edges?.flatMap((edge) => edge?.node?.id ?? []) ?? [];
  });

  const readsOfPages: number[] = [];
  let { data } = await client.query({ query: VideosDocument, variables });
  while (data?.videos?.pageInfo.hasNextPage) {
    await eventually(() => expect(shown.length).toBeGreaterThan(0));
    const before = reads;
    const expected = shown.length + PAGE;
    ({ data } = await watched.fetchMore({ variables: { after: data.videos.pageInfo.endCursor } }));
    await eventually(() => expect(shown).toHaveLength(expected));
    readsOfPages.push(reads - before);
  }
  const lists = toLists(started.sandbox.requests).length;
  const [id = ''] = ids;
  const before = reads;
  await client.mutate({ mutation: DeleteVideosDocument, variables: { ids: [id] }, update: updateVideoLists });
  const readsOfDeletion = reads - before;

  // Each answer is shown before it comes, and takes its place then: both change some rows of two lists.
  await client.query({ query: RemovedVideosDocument, variables });
  const some = ids.slice(1, 1 + SOME);
  const update = updateVideoLists;
  const readsOfRounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = reads;
    await client.mutate({
      mutation: DeleteVideosDocument,
      variables: { ids: some },
      optimisticResponse: assumeRemoved(some),
      update,
    });
    await client.mutate({
      mutation: RestoreVideosDocument,
      variables: { ids: some },
      optimisticResponse: assumeRestored(some),
      update,
    });
    readsOfRounds.push(reads - begun);
  }
  await eventually(() => expect(shown).toHaveLength(VIDEOS - 1));
  subscription.unsubscribe();
  client.stop();

  expect(shown).toEqual(ids.slice(1));
  expect(readsOfPages).toHaveLength(VIDEOS / PAGE - 1);
  expect(Math.max(...readsOfPages)).toBeLessThanOrEqual(3 * PAGE);
  expect(readsOfDeletion).toBeLessThanOrEqual(10);
  expect(Math.max(...readsOfRounds)).toBeLessThanOrEqual(4 * SOME);
  expect(started.sandbox.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(
    1 + ROUNDS * SOME,
  );
  // A page may begin in the middle of one of api.video's pages, which are numbered.
  expect(lists).toBeLessThanOrEqual((2 * VIDEOS) / PAGE);
}, 300_000);
