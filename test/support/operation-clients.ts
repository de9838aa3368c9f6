// Apollo Client and urql as apps set them up that follow durable operations, in front of a gateway that keeps some.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { followOperation, possibleTypes, typePolicies, updateVideoLists } from '../../src/clients/apollo.ts';
import {
  CancelOperationDocument,
  DeleteVideosDocument,
  type DeleteVideosOptions,
  FollowOperationDocument,
  OperationDocument,
  OperationResultsDocument,
  type OperationResultsQuery,
  OperationsDocument,
  type OperationsQuery,
  RemovedVideosDocument,
  RestoreVideosDocument,
  UndoOperationDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { keys, resolvers, schema, updates } from '../../src/clients/urql.ts';
import type { ListName, ShownList } from './list-truth.ts';

const LISTS = { videos: VideosDocument, removedVideos: RemovedVideosDocument };

export type Started = { readonly id: string; readonly pending: number; readonly finishedAt: string | null };
type Options = Omit<DeleteVideosOptions, 'background'>;

export type OperationClient = {
  load(name: ListName, variables: object): Promise<unknown>;
  /** The whole list as far as it is cached. */
  show(name: ListName, variables: object): ShownList | undefined;
  /** Shows a list as a page does, until `stop`. */
  watch(name: ListName, variables: object): { latest(): ShownList | undefined; stop(): void };
  remove(ids: readonly string[], options?: Options): Promise<Started>;
  restore(ids: readonly string[], options?: Options): Promise<Started>;
  undo(id: string, options?: Options): Promise<Started>;
  cancel(id: string): Promise<unknown>;
  /** Asks once how far an operation is, in the way that makes lists follow: Apollo polls, urql subscribes. */
  hear(id: string): Promise<Started>;
  /** Reads what became of each video, as a page with details would. */
  readResults(id: string): Promise<unknown>;
  /** The ids of all results, and of all operations, read in pages and then from the cache. */
  pageResults(id: string, first: number): Promise<readonly string[]>;
  pageOperations(first: number): Promise<readonly string[]>;
  loadOperations(): Promise<unknown>;
  showOperations(): readonly string[] | undefined;
};

export const OPERATION_CLIENTS = { apollo: createApollo, urql: createUrql };

const inBackground = (options: Options | undefined) => ({ ...options, background: true });

function createApollo(origin: string): OperationClient & Disposable {
  const cache = new InMemoryCache({ possibleTypes, typePolicies });
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${origin}/graphql` }),
    cache,
    defaultOptions: { mutate: { update: updateVideoLists }, query: { fetchPolicy: 'network-only' } },
  });
  return {
    load: (name, variables) => client.query<object>({ query: LISTS[name], variables }),
    show: (name, variables) => toShown(cache.readQuery<object>({ query: LISTS[name], variables }), name),
    watch(name, variables) {
      let latest: unknown;
      const watching = client
        .watchQuery<object>({ query: LISTS[name], variables, fetchPolicy: 'cache-first' })
        .subscribe(({ data }) => {
          latest = data;
        });
      return { latest: () => toShown(latest, name), stop: () => watching.unsubscribe() };
    },
    async remove(ids, options) {
      const variables = { ids, options: inBackground(options) };
      const { data } = await client.mutate({ mutation: DeleteVideosDocument, variables });
      return toStarted(data?.deleteVideos);
    },
    async restore(ids, options) {
      const variables = { ids, options: inBackground(options) };
      const { data } = await client.mutate({ mutation: RestoreVideosDocument, variables });
      return toStarted(data?.restoreVideos);
    },
    async undo(id, options) {
      const variables = { id, options: inBackground(options) };
      const { data } = await client.mutate({ mutation: UndoOperationDocument, variables });
      return toStarted(data?.undoOperation);
    },
    cancel: (id) => client.mutate({ mutation: CancelOperationDocument, variables: { id } }),
    async hear(id) {
      const { data } = await client.query({ query: OperationDocument, variables: { id } });
      followOperation(cache, data?.operation);
      return toStarted(data);
    },
    readResults: (id) => client.query({ query: OperationResultsDocument, variables: { id, first: 250 } }),
    async pageResults(id, first) {
      for (let after: string | null | undefined = null; ; ) {
        await client.query({ query: OperationResultsDocument, variables: { id, first, after } });
        const variables = { id, first };
        const list = cache.readQuery({ query: OperationResultsDocument, variables })?.operation?.results;
        if (!list?.pageInfo.hasNextPage) return list?.edges.map(({ node }) => node.videoId) ?? [];
        after = list.pageInfo.endCursor;
      }
    },
    async pageOperations(first) {
      for (let after: string | null | undefined = null; ; ) {
        await client.query({ query: OperationsDocument, variables: { first, after } });
        const list = cache.readQuery({ query: OperationsDocument, variables: { first } })?.operations;
        if (!list?.pageInfo.hasNextPage) return list?.edges.map(({ node }) => node.id) ?? [];
        after = list.pageInfo.endCursor;
      }
    },
    loadOperations: () => client.query({ query: OperationsDocument }),
    showOperations: () =>
      cache.readQuery({ query: OperationsDocument })?.operations?.edges.map(({ node }) => node.id),
    [Symbol.dispose]: () => client.stop(),
  };
}

function createUrql(origin: string): OperationClient & Disposable {
  const client = new Client({
    url: `${origin}/graphql`,
    exchanges: [cacheExchange({ schema, keys, resolvers, updates }), fetchExchange],
    requestPolicy: 'network-only',
    fetchSubscriptions: true,
  });
  /** What the page that was asked for last shows: that is the whole list so far. */
  const asked = new Map<string, object>();
  const followed = new Map<string, Followed>();
  const subscriptions: { unsubscribe(): void }[] = [];
  const toKey = (name: string, variables: object) => JSON.stringify([name, { ...variables, after: null }]);
  const readCache = (name: ListName, variables: object) =>
    client.readQuery<object>(LISTS[name], variables, { requestPolicy: 'cache-only' })?.data;
  return {
    load(name, variables) {
      asked.set(toKey(name, variables), variables);
      return client.query<object>(LISTS[name], variables).toPromise();
    },
    show: (name, variables) => toShown(readCache(name, asked.get(toKey(name, variables)) ?? variables), name),
    watch(name, variables) {
      let latest: unknown;
      const watching = client
        .query<object>(LISTS[name], variables, { requestPolicy: 'cache-first' })
        .subscribe(({ data }) => {
          latest = data;
        });
      return { latest: () => toShown(latest, name), stop: () => watching.unsubscribe() };
    },
    async remove(ids, options) {
      const variables = { ids: [...ids], options: inBackground(options) };
      const { data } = await client.mutation(DeleteVideosDocument, variables).toPromise();
      return toStarted(data?.deleteVideos);
    },
    async restore(ids, options) {
      const variables = { ids: [...ids], options: inBackground(options) };
      const { data } = await client.mutation(RestoreVideosDocument, variables).toPromise();
      return toStarted(data?.restoreVideos);
    },
    async undo(id, options) {
      const variables = { id, options: inBackground(options) };
      const { data } = await client.mutation(UndoOperationDocument, variables).toPromise();
      return toStarted(data?.undoOperation);
    },
    cancel: (id) => client.mutation(CancelOperationDocument, { id }).toPromise(),
    async hear(id) {
      const known = followed.get(id);
      if (known) return known.latest ?? known.first;
      const { promise: first, resolve, reject } = Promise.withResolvers<Started>();
      const following: Followed = { first, latest: undefined };
      followed.set(id, following);
      const subscription = client
        .subscription(FollowOperationDocument, { id })
        .subscribe(({ data, error }) => {
          if (error) reject(error);
          following.latest = data?.operation ?? following.latest;
          if (following.latest) resolve(following.latest);
        });
      subscriptions.push(subscription);
      return first;
    },
    readResults: (id) => client.query(OperationResultsDocument, { id, first: 250 }).toPromise(),
    async pageResults(id, first) {
      for (let after: string | null = null; ; ) {
        const { data } = await client.query(OperationResultsDocument, { id, first, after }).toPromise();
        const list: Results | undefined = data?.operation?.results;
        if (!list?.pageInfo.hasNextPage) return list?.edges.map(({ node }) => node.videoId) ?? [];
        after = list.pageInfo.endCursor;
      }
    },
    async pageOperations(first) {
      for (let after: string | null = null; ; ) {
        const { data } = await client.query(OperationsDocument, { first, after }).toPromise();
        const list: OperationsQuery['operations'] | undefined = data?.operations;
        if (!list?.pageInfo.hasNextPage) return list?.edges.map(({ node }) => node.id) ?? [];
        after = list.pageInfo.endCursor;
      }
    },
    loadOperations: () => client.query(OperationsDocument, {}).toPromise(),
    showOperations: () =>
      client
        .readQuery(OperationsDocument, {}, { requestPolicy: 'cache-only' })
        ?.data?.operations?.edges.map(({ node }) => node.id),
    [Symbol.dispose]() {
      for (const each of subscriptions) each.unsubscribe();
    },
  };
}

type Results = NonNullable<OperationResultsQuery['operation']>['results'];
type Followed = { readonly first: Promise<Started>; latest: Started | undefined };

type Payload = { readonly operation: Started | null; readonly userErrors?: readonly object[] };

function toStarted(payload: Payload | null | undefined): Started {
  if (payload?.operation) return payload.operation;
  throw new Error(`expected an operation, and got ${JSON.stringify(payload)}`);
}

function toShown(data: unknown, name: ListName): ShownList | undefined {
  const list = Object(data)[name];
  if (!list) return undefined;
  return {
    ids: list.edges.map((edge: { node: { id: string } }) => edge.node.id),
    total: list.totalCount,
    hasNext: list.pageInfo.hasNextPage,
    endCursor: list.pageInfo.endCursor,
  };
}
