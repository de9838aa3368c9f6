// Apollo's lists that are read more than once around a deletion: a page twice, the total alone, rows without ids, and lists
// that another client has changed.
import { gql } from '@apollo/client';
import { expect, test } from 'vitest';
import {
  assumeRemoved,
  assumeRestored,
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
} from '../../src/clients/index.ts';
import { startListClient } from '../support/apollo-list-client.ts';
import { eventually } from '../support/eventually.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test('a page that is read twice is shown once, though the row that it comes after was deleted', async () => {
  await using started = await startListClient(16);
  const { load, show, info, remove, restore, pick } = started;
  const first = { first: 4 };
  await load(first);
  const after = info(first)?.endCursor;
  await remove(pick(3));

  await Promise.all([load({ ...first, after }), load({ ...first, after })]);
  expect(show(first)).toEqual([0, 1, 2, ...range(4, 8)]);
  await load({ ...first, after: info(first)?.endCursor });

  await load({ ...first, after });
  expect(show(first)).toEqual([0, 1, 2, ...range(4, 8)]);
  await load({ ...first, after: info(first)?.endCursor });
  await restore(pick(3));
  expect(show(first)).toEqual(range(0, 12));
});

test('a page before a deleted row that is read twice is shown once, in its place', async () => {
  await using started = await startListClient(12);
  const { load, show, info, remove, restore, pick } = started;
  const last = { last: 4 };
  await load(last);
  const before = info(last)?.startCursor;
  await remove(pick(8));

  await Promise.all([load({ ...last, before }), load({ ...last, before })]);
  await load({ ...last, before: info(last)?.startCursor });
  expect(show(last)).toEqual([...range(0, 8), 9, 10, 11]);

  await load({ ...last, before });
  expect(show(last)).toEqual([...range(4, 8), 9, 10, 11]);
  await restore(pick(8));
  expect(show(last)).toEqual(range(4, 12));
});

test('a page read after every loaded row has left does not hide where the list begins', async () => {
  await using started = await startListClient(10);
  const { load, show, info, remove, restore, pick } = started;
  const first = { first: 4 };
  await load(first);
  await remove(pick(0, 1, 2, 3));

  await load({ ...first, after: info(first)?.endCursor });
  expect(info(first)).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  await restore(pick(1, 2));
  expect(show(first)).toEqual([1, 2, ...range(4, 8)]);
});

test('page 1 read again takes the place of all pages, and paging goes on from there', async () => {
  await using started = await startListClient(14);
  const { load, show, info, remove, pick } = started;
  const first = { first: 4 };
  await load(first);
  await load({ ...first, after: info(first)?.endCursor });
  await remove(pick(1, 3, 7));

  await load(first);
  expect(show(first)).toEqual([0, 2, 4, 5]);
  await load({ ...first, after: info(first)?.endCursor });
  expect(show(first)).toEqual([0, 2, 4, 5, 6, 8, 9, 10]);
});

test('a page that arrives after page 1 was read again is not added behind a gap', async () => {
  await using started = await startListClient(16);
  const { load, show, info } = started;
  const first = { first: 4 };
  await load(first);
  await load({ ...first, after: info(first)?.endCursor });
  const after = info(first)?.endCursor;
  await load(first);

  await load({ ...first, after });
  expect(show(first)).toEqual(range(0, 4));
  await load({ ...first, after: info(first)?.endCursor });
  expect(show(first)).toEqual(range(0, 8));
});

test.each(['edges { node { title } }', 'nodes { title }', 'edges { cursor }'])(
  'a list whose rows have no ids is read again, not emptied: %s',
  async (rows) => {
    await using started = await startListClient(6);
    const { client, cache, remove, pick } = started;
    const query = gql(`query { videos(first: 4) { totalCount ${rows} } }`);
    const { data } = await client.query({ query });
    await remove(['viNowhere']);
    expect(cache.readQuery({ query })).toEqual(data);

    const refused = client.mutate({
      mutation: DeleteVideosDocument,
      variables: { ids: [] },
      optimisticResponse: assumeRemoved(pick(1)),
    });
    expect(cache.readQuery({ query }, true)).toEqual(data);
    await refused;

    await remove(pick(1));
    expect(cache.readQuery({ query })).toBeNull();
  },
);

test('a total that is newer than the rows stays true, or the list is read again', async () => {
  await using started = await startListClient(6);
  const { elsewhere, load, pollTotal, readTotal, remove, restore, pick, truth } = started;
  await elsewhere.remove(pick(0, 5));
  await load({ first: 10 });
  await elsewhere.restore(pick(0, 5));
  await pollTotal();
  await remove(pick(1));
  expect(readTotal()).toBe(truth('videos').total);

  // Whether this total counts what another client has done, is unknown.
  await restore(pick(5));
  expect(readTotal()).toBeUndefined();
  await load({ first: 10 });
  await elsewhere.remove(pick(2));
  await pollTotal();
  await remove(pick(2));
  expect(readTotal()).toBeUndefined();
  await load({ first: 10 });
  await elsewhere.restore(pick(2));
  await pollTotal();
  await remove(pick(2));
  expect(readTotal()).toBeUndefined();
});

test('an evicted video leaves a whole list with its true total', async () => {
  await using started = await startListClient(4);
  const { cache, load, readTotal, remove, pick } = started;
  await load({ first: 10 });
  cache.evict({ id: `Video:${pick(1)[0]}` });
  await remove(pick(2));
  expect(readTotal()).toBe(3);
});

test('a row that is undone after the cache was cleared of what is not shown comes back whole', async () => {
  await using started = await startListClient(8);
  const { cache, load, show, remove, restore, pick } = started;
  await load({ first: 4 });
  await remove(pick(1, 2));
  cache.restore(JSON.parse(JSON.stringify(cache.extract())));
  cache.gc();

  await restore(pick(1, 2));

  expect(show({ first: 4 })).toEqual(range(0, 4));
});

test('a list that lacks a field of a row that was expected in it is read again once the answer has come', async () => {
  await using started = await startListClient(8);
  const { client, pick } = started;
  const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
  const live = gql(`{ videos(first: 5) { totalCount edges { node { id title createdAt } } ${page} } }`);
  const trash = gql(`{ removedVideos(first: 20) {
    totalCount edges { node { id title createdAt description } } ${page}
  } }`);
  let shown: unknown;
  const watched = [live, trash].map((query) =>
    client.watchQuery({ query, fetchPolicy: 'cache-first' }).subscribe(({ data }) => {
      shown = Object(data).removedVideos?.edges.map(({ node }: { node: { id: string } }) => node.id) ?? shown;
    }),
  );
  await eventually(() => expect(shown).toEqual([]));

  const optimisticResponse = assumeRemoved(pick(1));
  const variables = { ids: pick(1) };
  await client.mutate({ mutation: DeleteVideosDocument, variables, optimisticResponse });

  await eventually(() => expect(shown).toEqual(pick(1)));
  for (const subscription of watched) subscription.unsubscribe();
});

test('a list that is dropped while another answer is expected is read again once that has come', async () => {
  await using started = await startListClient(8);
  const { client, elsewhere, pick } = started;
  await elsewhere.remove(pick(2, 3, 4));
  const list = `totalCount edges { node { id title createdAt deletesAt } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
  const both = gql(
    `{ videos(first: 5, filter: { title: "Video" }) { ${list} } removedVideos(first: 20) { ${list} } }`,
  );
  let total: unknown;
  const subscription = client
    .watchQuery({ query: both, fetchPolicy: 'cache-first' })
    .subscribe(({ data }) => {
      total = Object(data).videos?.totalCount;
    });
  await eventually(() => expect(total).toBe(5));

  await Promise.all(
    [2, 3].map((each) =>
      client.mutate({
        mutation: RestoreVideosDocument,
        variables: { ids: pick(each) },
        optimisticResponse: assumeRestored(pick(each)),
      }),
    ),
  );

  await eventually(() => expect(total).toBe(7));
  subscription.unsubscribe();
});

test.each(['DESC', 'ASC'] as const)(
  'the trash follows videos that are deleted in one call, by DELETES_AT %s',
  async (direction) => {
    await using started = await startListClient(8);
    const { cache, client, load, loadRemoved, remove, pick } = started;
    const variables = { first: 10, orderBy: { field: 'DELETES_AT', direction } } as const;
    const readTrash = (isOptimistic = false) =>
      cache
        .readQuery({ query: RemovedVideosDocument, variables }, isOptimistic)
        ?.removedVideos?.edges.map(({ node }) => node.id);
    await load({ first: 8 });
    await loadRemoved(variables);
    await remove(pick(0, 1, 2));
    const chosen = pick(5, 6);

    const refused = client.mutate({
      mutation: DeleteVideosDocument,
      variables: { ids: [] },
      optimisticResponse: assumeRemoved(chosen),
    });
    expect(new Set(readTrash(true))).toEqual(new Set([...pick(0, 1, 2), ...chosen]));
    await refused;
    await remove(chosen);

    const followed = readTrash();
    expect(followed).toHaveLength(5);
    await loadRemoved(variables);
    expect(readTrash()).toEqual(followed);
  },
);
