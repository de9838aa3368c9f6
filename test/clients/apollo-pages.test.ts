// Lists in Apollo Client's cache, read for their nodes, their edges, or neither.
import { ApolloClient, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client';
import { expect, test } from 'vitest';
import { possibleTypes, typePolicies } from '../../src/clients/apollo.ts';
import { createVideos } from '../support/create-videos.ts';
import { toLists } from '../support/list-calls.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

type Row = { readonly id: string; readonly title: string };
type Info = { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly endCursor: string };
type List = {
  readonly totalCount?: number;
  readonly nodes: readonly Row[];
  readonly edges: readonly { readonly node: Row }[];
  readonly pageInfo: Info;
};
type Data = { readonly videos: List | null };
type Paging = { first?: number; after?: string; last?: number; before?: string };

const listFor = (selection: string): TypedDocumentNode<Data, Paging> => gql`
  query ($first: Int, $after: String, $last: Int, $before: String) {
    videos(first: $first, after: $after, last: $last, before: $before, orderBy: { field: TITLE, direction: ASC }) {
      ${selection}
    }
  }
`;

const INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const NODES = listFor(`nodes { id title } ${INFO}`);
const EDGES = listFor(`edges { node { id title } } ${INFO}`);
const CURSORS = listFor(`edges { cursor node { id title } } ${INFO}`);
const COUNT = listFor('totalCount');

async function startClient(count: number) {
  const { videos, ids } = createVideos(count);
  const gateway = await startListeningGateway({ videos });
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${gateway.origin}/graphql` }),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
  const variables = { first: 2 };
  const readCached = (query: TypedDocumentNode<Data, Paging>) =>
    client.cache.readQuery({ query, variables })?.videos;
  return {
    ...gateway,
    client,
    ids,
    readCached,
    /** Reads every page, each for what its query selects, and answers how many lists upstream was asked for. */
    async walk(queries: readonly TypedDocumentNode<Data, Paging>[]): Promise<number> {
      const [query = NODES] = queries;
      const watched = client.watchQuery({ query, variables });
      const subscription = watched.subscribe(() => {});
      let { data } = await client.query({ query, variables });
      for (let page = 1; data?.videos?.pageInfo.hasNextPage; page += 1) {
        const next = queries[page % queries.length] ?? query;
        const after = data.videos.pageInfo.endCursor;
        ({ data } = await watched.fetchMore({ query: next, variables: { first: 2, after } }));
      }
      subscription.unsubscribe();
      return toLists(gateway.sandbox.requests).length;
    },
    async [Symbol.asyncDispose]() {
      client.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

test.each([
  ['nodes', [NODES]],
  ['edges', [EDGES]],
  ['nodes and edges in turn', [NODES, CURSORS]],
  ['edges and nodes in turn', [CURSORS, NODES]],
])('fetchMore adds the pages of a list that is read for its %s', async (_what, queries) => {
  await using started = await startClient(5);
  const { ids, readCached, walk } = started;

  await walk(queries);

  expect(readCached(NODES)?.nodes.map(({ id }) => id)).toEqual(ids);
  expect(readCached(EDGES)?.edges.map(({ node }) => node.id)).toEqual(ids);
  expect(readCached(NODES)?.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
});

test('a query for nodes finds in the cache what a query for edges has read', async () => {
  await using started = await startClient(5);
  const { client, ids, walk } = started;
  const before = await walk([CURSORS]);
  expect(before).toBeGreaterThan(0);

  const { data } = await client.query({ query: NODES, variables: { first: 2 } });

  expect(data?.videos?.nodes.map(({ id }) => id)).toEqual(ids);
  expect(await walk([NODES])).toBe(before);
});

test('pages of nodes read backwards come before the others', async () => {
  await using started = await startClient(5);
  const { client, ids } = started;
  const watched = client.watchQuery({ query: NODES, variables: { last: 2 } });
  const subscription = watched.subscribe(() => {});
  const first = await client.query({ query: NODES, variables: { last: 2 } });
  expect(first.data?.videos?.nodes.map(({ id }) => id)).toEqual(ids.slice(3));
  const page = client.cache.readQuery({
    query: listFor('pageInfo { startCursor }'),
    variables: { last: 2 },
  })?.videos?.pageInfo;
  const before = Object(page).startCursor;
  await watched.fetchMore({ variables: { last: 2, before } });
  subscription.unsubscribe();

  const shown = client.cache.readQuery({ query: NODES, variables: { last: 2 } })?.videos?.nodes;
  expect(shown?.map(({ id }) => id)).toEqual(ids.slice(1));
});

test('a query for the total alone leaves neither an empty list behind, nor the loaded rows without their end', async () => {
  await using started = await startClient(5);
  const { client, ids, readCached, walk } = started;
  await client.query({ query: COUNT, variables: { first: 1 } });
  expect(readCached(NODES)).toBeUndefined();

  const { data } = await client.query({ query: NODES, variables: { first: 2 } });
  expect(data?.videos?.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const other = listFor(`totalCount ${INFO}`);
  await client.query({ query: other, variables: { first: 4 }, fetchPolicy: 'network-only' });
  expect(readCached(COUNT)?.totalCount).toBe(5);
  expect(readCached(NODES)?.pageInfo.endCursor).toBe(data?.videos?.pageInfo.endCursor);

  await walk([NODES]);
  expect(readCached(NODES)?.nodes.map(({ id }) => id)).toEqual(ids);
});

test('a list that could not be read is null, not empty, and loaded rows survive it', async () => {
  await using started = await startClient(3);
  const { client, ids, sandbox, readCached } = started;
  sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 403 }));
  const options = {
    query: NODES,
    variables: { first: 3 },
    errorPolicy: 'all',
    fetchPolicy: 'network-only',
  } as const;
  const failed = await client.query(options);
  expect(failed.error).toBeDefined();
  expect(failed.data?.videos).toBeNull();
  expect(readCached(EDGES)).toBeNull();

  sandbox.setFault(undefined);
  await client.query(options);
  sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 403 }));
  await client.query({ ...options, variables: { first: 2 } });
  expect(readCached(NODES)?.nodes.map(({ id }) => id)).toEqual(ids);
});
