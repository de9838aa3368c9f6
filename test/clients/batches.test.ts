// Clients that send several operations in one request. The gateway executes none of them, and the client shows why.
import { ApolloClient, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { batchRequests } from 'graphql-request';
import { expect, test } from 'vitest';
import { DeleteVideosDocument } from '../../src/clients/index.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const MESSAGE =
  'Expected one operation in each request, and got a batch. Send each by itself; none was executed.';

test.each([1, 2, 10])('Apollo Client shows the reason for each of %i operations', async (count) => {
  const { videos, ids } = createVideos(count);
  await using started = await startListeningGateway({ videos });
  const link = new BatchHttpLink({ uri: `${started.origin}/graphql`, batchMax: count, batchInterval: 1_000 });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });

  const ends = await Promise.allSettled(
    ids.map((id) => client.mutate({ mutation: DeleteVideosDocument, variables: { ids: [id] } })),
  );
  client.stop();

  expect(ends).toMatchObject(
    ids.map(() => ({
      status: 'rejected',
      reason: {
        name: 'CombinedGraphQLErrors',
        errors: [{ message: MESSAGE, extensions: { code: 'BAD_USER_INPUT' } }],
      },
    })),
  );
  expect(started.sandbox.requests).toEqual([]);
});

test('graphql-request shows the reason', async () => {
  await using started = await startListeningGateway();
  const document = '{ videos { totalCount } }';

  await expect(batchRequests(`${started.origin}/graphql`, [{ document }, { document }])).rejects.toThrow(
    MESSAGE,
  );
});

test.each([
  ['application/json', 2, undefined],
  ['application/graphql-response+json', 100, 100],
  ['application/graphql-response+json', 2, 2],
  ['application/graphql-response+json', 101, undefined],
  ['application/graphql-response+json', 0, undefined],
  ['*/*', 2, undefined],
])(
  'the answer for %s to a batch of %i has the form of a batch only if its client reads that, and if it is not huge',
  async (accept, count, copies) => {
    await using started = await startListeningGateway();
    const batch = Array(count).fill({ query: '{ videos { totalCount } }' });

    const answer = await started.send({
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: [JSON.stringify(batch)],
    });

    const errors = { errors: [{ message: MESSAGE, extensions: { code: 'BAD_USER_INPUT' } }] };
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe(
      `${accept.replace('*/*', 'application/json')}; charset=utf-8`,
    );
    expect(JSON.parse(answer.body)).toEqual(copies === undefined ? errors : Array(copies).fill(errors));
    expect(started.sandbox.requests).toEqual([]);
  },
);
