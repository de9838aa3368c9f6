// urql as it comes, GET for queries included, with the settings of Graphcache that the package ships.
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { afterAll, expect, test, vi } from 'vitest';
import {
  DeleteVideosDocument,
  NodesDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideoDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { keys, resolvers, schema } from '../../src/clients/urql.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

// Graphcache warns of what it has no settings for: a type without a key, a field that the schema lacks.
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
afterAll(() => warn.mockRestore());

async function startClient(count: number) {
  const { videos, ids } = createVideos(count);
  const gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const methods: (string | undefined)[] = [];
  const client = new Client({
    url: `${gateway.origin}/graphql`,
    exchanges: [cacheExchange({ schema, keys, resolvers }), fetchExchange],
    fetch: (url, init) => {
      methods.push(init?.method);
      return fetch(url, init);
    },
  });
  const readCached = async (id: string) => {
    const { data } = await client.query(VideoDocument, { id }, { requestPolicy: 'cache-only' }).toPromise();
    return data?.video;
  };
  return {
    ...gateway,
    client,
    ids,
    methods,
    readCached,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      expect(warn.mock.calls).toEqual([]);
    },
  };
}

test('a video is followed through its deletion and its restore in the normalised cache', async () => {
  await using started = await startClient(3);
  const { client, sandbox, ids, methods, readCached } = started;
  const [id = '', ...others] = ids;
  const variables = { first: 10 };
  const live = await client.query(VideosDocument, variables).toPromise();
  expect(live.error).toBeUndefined();
  expect(live.data?.videos?.edges.map(({ node }) => node.removed)).toEqual([false, false, false]);
  for (const each of ids) await client.query(VideoDocument, { id: each }).toPromise();

  const deletion = await client.mutation(DeleteVideosDocument, { ids: [id, 'viNowhere'] }).toPromise();
  expect(deletion.data?.deleteVideos?.results).toMatchObject([
    { __typename: 'VideoRemoved', videoId: id, alreadyRemoved: false },
    { __typename: 'VideoFailure', videoId: 'viNowhere', code: 'NOT_FOUND', retryable: false },
  ]);
  expect(sandbox.state(id)).toBe('removed');
  expect((await readCached(id))?.removed).toBe(true);
  for (const each of others) expect((await readCached(each))?.removed).toBe(false);
  const list = await client.query(VideosDocument, variables, { requestPolicy: 'cache-only' }).toPromise();
  const shown = list.data?.videos?.edges.filter(({ node }) => node.removed).map(({ node }) => node.id);
  expect(shown).toEqual([id]);

  const fresh = { requestPolicy: 'network-only' } as const;
  const removed = await client.query(RemovedVideosDocument, {}, fresh).toPromise();
  expect(removed.data?.removedVideos?.edges.map(({ node }) => node.id)).toEqual([id]);
  expect((await readCached(id))?.deletesAt).toEqual(expect.any(String));

  await client.mutation(RestoreVideosDocument, { ids: [id] }).toPromise();
  expect(sandbox.state(id)).toBe('live');
  expect((await readCached(id))?.removed).toBe(false);
  const emptied = await client.query(RemovedVideosDocument, {}, fresh).toPromise();
  expect(emptied.data?.removedVideos).toMatchObject({ totalCount: 0 });
  expect(new Set(methods)).toEqual(new Set(['GET', 'POST']));
});

test('pages are merged to one list, and the lists of two filters are kept apart', async () => {
  await using started = await startClient(5);
  const { client, ids } = started;
  let after: string | null | undefined;
  let shown: string[] = [];
  do {
    const { data, error } = await client.query(VideosDocument, { first: 2, after }).toPromise();
    expect(error).toBeUndefined();
    shown = data?.videos?.edges.map(({ node }) => node.id) ?? [];
    const info = data?.videos?.pageInfo;
    after = info?.hasNextPage ? info.endCursor : null;
  } while (after);
  const filter = { title: 'Video 3' };
  const filtered = await client.query(VideosDocument, { first: 2, filter }).toPromise();

  expect(shown.toSorted()).toEqual(ids.toSorted());
  expect(filtered.data?.videos?.edges.map(({ node }) => node.title)).toEqual(['Video 3']);
});

test('videos are found by ids, null where there is none', async () => {
  await using started = await startClient(1);
  const { client, ids } = started;
  const [id = ''] = ids;

  const { data, error } = await client.query(NodesDocument, { ids: [id, 'viNowhere'] }).toPromise();

  expect(error).toBeUndefined();
  expect(data?.nodes).toMatchObject([{ __typename: 'Video', id, title: 'Video 0' }, null]);
});

test('every type has a key: by its id, or as a part of what holds it', () => {
  const types = '__schema' in schema ? (schema.__schema.types ?? []) : [];
  const objects = types.filter(
    ({ kind, name }) => kind === 'OBJECT' && !['Query', 'Mutation', 'Subscription'].includes(name),
  );
  expect(objects.length).toBeGreaterThan(10);
  expect(objects.map(({ name }) => name).filter((name) => !(name in keys))).toEqual(['Operation', 'Video']);
});
