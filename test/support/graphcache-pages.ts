// Cached pages of urql's lists, for tests that read them in any order.
import { Client, fetchExchange, gql, type TypedDocumentNode } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { expect } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument } from '../../src/clients/index.ts';
import { keys, resolvers, schema, updates } from '../../src/clients/urql.ts';
import { type ListName, startOrderedGateway } from './list-truth.ts';

/** What the queries ask for. */
type Rows = {
  readonly totalCount: number;
  readonly edges?: readonly { readonly node: { readonly id?: string; readonly title?: string } }[];
  readonly nodes?: readonly { readonly id: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
};
export type Lists = { readonly [name in ListName]?: Rows | null };

/** @param isSized `false` for a list that is queried without arguments */
export const toDocument = (name: ListName, rows: string, isSized = true) => gql<Lists>`
  query (${isSized ? '$first: Int, ' : ''}$after: String) {
    ${name}(${isSized ? 'first: $first, ' : ''}after: $after) {
      totalCount
      ${rows}
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
export const EDGES = 'edges { cursor node { id title createdAt } }';
export const NODES = 'nodes { id title createdAt }';

/** A gateway, and an urql client with lists of which earlier pages can be read again. */
export async function startGraphcache(count: number) {
  const gateway = await startOrderedGateway(count);
  const client = new Client({
    url: `${gateway.origin}/graphql`,
    exchanges: [cacheExchange({ schema, keys, resolvers, updates }), fetchExchange],
  });
  const list = (name: ListName, query: TypedDocumentNode<Lists>, first: { readonly first?: number }) => {
    const pages: object[] = [first];
    const read = () => {
      const result = client.readQuery<Lists>(query, pages.at(-1) ?? first, { requestPolicy: 'cache-only' });
      return (result?.stale ? undefined : result?.data?.[name]) ?? undefined;
    };
    const load = async (variables: object) => {
      const { error } = await client
        .query<Lists>(query, variables, { requestPolicy: 'network-only' })
        .toPromise();
      expect(error).toBeUndefined();
    };
    return {
      name,
      show() {
        const { totalCount: total, edges, nodes, pageInfo } = read() ?? {};
        if (!pageInfo) return undefined;
        const ids = edges?.map(({ node }) => node.id) ?? nodes?.map(({ id }) => id) ?? [];
        return { ids, total, hasNext: pageInfo.hasNextPage };
      },
      async load() {
        pages.length = 1;
        await load(first);
      },
      /** Reads page `index` again; what is shown stays the last one. */
      reread: (index: number) => load(pages[index % pages.length] ?? first),
      async loadMore() {
        const { hasNextPage = false, endCursor } = read()?.pageInfo ?? {};
        if (!hasNextPage) return false;
        pages.push({ ...first, after: endCursor });
        await load(pages.at(-1) ?? first);
        return true;
      },
    };
  };
  return {
    ...gateway,
    client,
    list,
    remove: async (ids: readonly string[]) => {
      if (ids.length > 0) await client.mutation(DeleteVideosDocument, { ids: [...ids] }).toPromise();
    },
    restore: async (ids: readonly string[]) => {
      if (ids.length > 0) await client.mutation(RestoreVideosDocument, { ids: [...ids] }).toPromise();
    },
  };
}
