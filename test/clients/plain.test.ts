// Clients without a cache: graphql-request, fetch and curl, each with nothing but what it sends by itself.
import { request } from 'graphql-request';
import { expect, test } from 'vitest';
import {
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  UpstreamBudgetDocument,
  VideoRestoreDocument,
} from '../../src/clients/index.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';

async function start() {
  const { videos, ids } = createVideos(2);
  const gateway = await startListeningGateway({ videos });
  return { ...gateway, ids, url: `${gateway.origin}/graphql` };
}

const DELETE = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }';

test('graphql-request takes the typed documents as they are', async () => {
  await using started = await start();
  const { url, sandbox, ids } = started;

  const { deleteVideos } = await request(url, DeleteVideosDocument, { ids });
  expect(deleteVideos).toMatchObject({
    results: ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId, alreadyRemoved: false })),
    summary: { requested: 2, succeeded: 2, failed: 0, pending: 0 },
    userErrors: [],
  });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);

  const { videoRestore } = await request(url, VideoRestoreDocument);
  expect(videoRestore.status).toBe('ENABLED');
  const { upstreamBudget } = await request(url, UpstreamBudgetDocument);
  expect(upstreamBudget.writes.limitPerMinute).toEqual(expect.any(Number));
  const { removedVideos } = await request(url, RemovedVideosDocument, { first: 5 });
  expect(removedVideos?.edges.map(({ node }) => node.id)).toEqual(expect.arrayContaining(ids));

  const { restoreVideos } = await request(url, RestoreVideosDocument, { ids });
  expect(restoreVideos?.summary).toMatchObject({ requested: 2, succeeded: 2 });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['live', 'live']);
});

test('graphql-request throws the codes of a wrong call', async () => {
  await using started = await start();
  const { url } = started;
  await expect(request(url, RemovedVideosDocument, { first: 251 })).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  });
});

test('fetch deletes with a JSON body, and reads with GET', async () => {
  await using started = await start();
  const { url, sandbox, ids } = started;

  const deletion = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: DELETE, variables: { ids } }),
  });
  const results = ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
  expect(await deletion.json()).toEqual({ data: { deleteVideos: { results } } });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);

  const read = await fetch(
    `${url}?${new URLSearchParams({ query: `{ video(id: "${ids[0]}") { removed } }` })}`,
  );
  expect(await read.json()).toEqual({ data: { video: { removed: true } } });
});

test('curl deletes what a file names, and reads with GET', async () => {
  await using started = await start();
  const { url, sandbox, ids } = started;
  const json = ['-H', 'content-type: application/json'];

  const input = JSON.stringify({ query: DELETE, variables: { ids } });
  const deletion = await run('curl', ['-sS', '--fail', ...json, '-d', '@-', url], { input });
  const results = ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
  expect(JSON.parse(deletion)).toEqual({ data: { deleteVideos: { results } } });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);

  const query = `query={ video(id: "${ids[0]}") { removed } }`;
  const read = await run('curl', ['-sS', '--fail', '--get', '--data-urlencode', query, url]);
  expect(JSON.parse(read)).toEqual({ data: { video: { removed: true } } });
});
