// Many operations at once, some of them large: each has its share, and what is asked beside them is answered.
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const DELETE = `mutation ($ids: [ID!]!) {
  deleteVideos(ids: $ids, options: { background: true }) { operation { id } userErrors { message } }
}`;
const SEEN = 'query ($id: ID!) { operation(id: $id) { status total succeeded failed } }';

async function start({ post }: TestGateway, ids: readonly string[]): Promise<string> {
  const { data, errors } = await post({ query: DELETE, variables: { ids } });
  expect(errors).toEqual([]);
  return Object(data).deleteVideos.operation.id;
}

async function see({ post }: TestGateway, id: string) {
  const { data } = await post({ query: SEEN, variables: { id } });
  return Object(data).operation;
}

describe('operations at once', { timeout: 60_000 }, () => {
  test('a small one ends while twelve large ones before it go on', async () => {
    const { videos, ids } = createVideos(6_003);
    await using started = await startTestGateway({
      store: { kind: 'memory' },
      videos,
      limits: { reads: 1_000, writes: 400 },
    });
    const large: string[] = [];
    for (let from = 0; from < 6_000; from += 500)
      large.push(await start(started, ids.slice(from, from + 500)));

    const small = await start(started, ids.slice(6_000));

    await eventually(async () => {
      expect(await see(started, small)).toMatchObject({ status: 'COMPLETED', succeeded: 3 });
    });
    for (const id of large) expect(await see(started, id)).toMatchObject({ status: 'RUNNING' });
  });

  test('one of 100,000 ids is recorded whole, and its wrong ids fail at once', async () => {
    const ids = Array.from({ length: 99_998 }, (_, index) => `vi${String(index).padStart(22, '0')}`);
    await using started = await startTestGateway({
      store: { kind: 'memory' },
      limits: { reads: 10, writes: 10 },
    });

    const id = await start(started, [...ids, 'no id', '../']);

    expect(await see(started, id)).toMatchObject({ total: 100_000, failed: 2 });
  });
});
