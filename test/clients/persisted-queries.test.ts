// Clients of automatic persisted queries, which send a hash first. They fall back to the whole document, and a deletion
// happens once.
import { createHash } from 'node:crypto';
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { expect, test } from 'vitest';
import { possibleTypes, typePolicies } from '../../src/clients/apollo.ts';
import { DeleteVideosDocument, VideosDocument } from '../../src/clients/index.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const QUERY = 'query Count { videos { totalCount } }';
const HASH = createHash('sha256').update(QUERY).digest('hex');
const byHash = (more = {}) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: HASH, ...more } } });

test.each([false, true])(
  'Apollo Client falls back, with GET for hashes: %s',
  async (useGETForHashedQueries) => {
    const { videos, ids } = createVideos(2);
    await using started = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
    const sent: string[] = [];
    const http = new HttpLink({
      uri: `${started.origin}/graphql`,
      fetch: (uri, init) => {
        sent.push(
          `${init?.method} ${String(init?.body ?? uri).includes('persistedQuery') ? 'hash' : 'document'}`,
        );
        return fetch(uri, init);
      },
    });
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const link = new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http);
    const client = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });

    const { data } = await client.query({ query: VideosDocument, variables: { first: 10 } });
    const deletion = await client.mutate({ mutation: DeleteVideosDocument, variables: { ids } });
    client.stop();

    expect(data?.videos?.edges).toHaveLength(2);
    expect(deletion.data?.deleteVideos?.summary.succeeded).toBe(2);
    // After the first refusal it sends no more hashes.
    expect(sent).toEqual([
      `${useGETForHashedQueries ? 'GET' : 'POST'} hash`,
      expect.stringContaining(' document'),
      'POST document',
    ]);
    expect(started.calls(ids).filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
  },
);

test('Apollo Client falls back for a deletion, which happens once', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const link = new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: `${started.origin}/graphql` }));
  const client = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });

  const { data } = await client.mutate({ mutation: DeleteVideosDocument, variables: { ids } });
  client.stop();

  expect(data?.deleteVideos?.summary.succeeded).toBe(2);
  expect(started.calls(ids).filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
});

test.each([
  ['urql', { operationName: 'Count', variables: {}, ...byHash() }],
  ['Apollo Kotlin', { operationName: 'Count', variables: {}, ...byHash() }],
  ['Apollo iOS', { operationName: 'Count', variables: null, ...byHash(), query: '' }],
  ['a client of another version', { operationName: 'Count', ...byHash({ version: 2 }) }],
])('%s gets the refusal of its protocol, by POST and by GET', async (_client, body) => {
  await using started = await startListeningGateway();
  const headers = { 'content-type': 'application/json' };
  const search = new URLSearchParams({ operationName: 'Count', extensions: JSON.stringify(body.extensions) });

  for (const accept of [
    '*/*',
    'application/graphql-response+json, application/json',
    'multipart/mixed, application/json',
  ]) {
    const posted = await started.send({
      method: 'POST',
      headers: { ...headers, accept },
      body: [JSON.stringify(body)],
    });
    const got = await started.send({ path: `/graphql?${search}`, headers: { accept } });

    for (const answer of [posted, got]) {
      expect({ status: answer.status, ...JSON.parse(answer.body) }).toEqual({
        status: 200,
        errors: [
          { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
        ],
      });
    }
  }
  expect(started.sandbox.requests).toEqual([]);
});

test.each([
  ['', {}],
  [' after a miss, as urql does', { miss: true }],
  [', whatever the hash', { sha256Hash: 'wrong' }],
])('a document beside its hash is executed%s', async (_how, more) => {
  await using started = await startListeningGateway();

  expect(await started.post({ query: QUERY, ...byHash(more) })).toEqual({
    status: 200,
    data: { videos: { totalCount: 0 } },
    errors: [],
  });
});
