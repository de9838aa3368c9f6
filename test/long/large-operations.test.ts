// An operation of 100,000 ids in a process of its own: what it costs those who ask for something beside it.
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { startWatchedGateway } from '../support/watched-gateway.ts';

const DELETE = parse(`mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids, options: { background: true }) { operation { total } }
}`);
const READ = parse('query { videos(first: 1) { nodes { id } } }');

/** Twice what it takes on a machine with nothing else to do, which is below 50. */
const LONGEST_BLOCK_MS = 120;

test('100,000 ids are accepted and worked on while the event loop goes on', {
  timeout: 180_000,
}, async () => {
  const { videos, ids } = createVideos(2_000);
  const others = Array.from({ length: 98_000 }, (_, index) => `vi${String(index).padStart(22, '0')}`);
  await using folder = await createFolder();
  await using gateway = await startWatchedGateway({ windowMs: 5_000, videos }, { DATA_DIR: folder.path });
  const answer = await gateway.call({ document: DELETE, variables: { ids: [...ids, ...others] } }).answer;
  expect(answer).toMatchObject({ data: { deleteVideos: { operation: { total: 100_000 } } } });

  for (let asked = 0; asked < 20; asked += 1) {
    const since = performance.now();
    expect(await gateway.call({ document: READ, variables: {} }).answer).toHaveProperty('data');
    expect(performance.now() - since).toBeLessThan(5_000);
  }

  expect(await gateway.longestBlockMs()).toBeLessThan(LONGEST_BLOCK_MS);
});
