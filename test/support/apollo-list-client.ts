// Apollo Client as an app sets it up that follows its lists, in front of videos in a known order.
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { possibleTypes, typePolicies, updateVideoLists } from '../../src/clients/apollo.ts';
import {
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
} from '../../src/clients/index.ts';
import { startOrderedGateway } from './list-truth.ts';

const COUNT = gql`query { videos(first: 1) { totalCount } }`;

/** Apollo Client with its lists followed, and another client elsewhere. */
export async function startListClient(count: number) {
  const gateway = await startOrderedGateway(count);
  const { ids } = gateway;
  const cache = new InMemoryCache({ possibleTypes, typePolicies });
  const client = new ApolloClient({
    link: new HttpLink({ uri: `${gateway.origin}/graphql` }),
    cache,
    defaultOptions: { mutate: { update: updateVideoLists }, query: { fetchPolicy: 'network-only' } },
  });
  const createMutations = (by: ApolloClient) => ({
    remove: (given: readonly string[]) =>
      by.mutate({ mutation: DeleteVideosDocument, variables: { ids: [...given] } }),
    restore: (given: readonly string[]) =>
      by.mutate({ mutation: RestoreVideosDocument, variables: { ids: [...given] } }),
  });
  const other = new ApolloClient({ link: client.link, cache: new InMemoryCache({ possibleTypes }) });
  const read = (variables: object) => cache.readQuery({ query: VideosDocument, variables })?.videos;
  return {
    ...gateway,
    cache,
    client,
    load: (variables: object) => client.query({ query: VideosDocument, variables }),
    loadRemoved: (variables: object) => client.query({ query: RemovedVideosDocument, variables }),
    pollTotal: () => client.query({ query: COUNT }),
    /** The rows, by their numbers; undefined if the list is not cached. */
    show: (variables: object) => read(variables)?.edges.map(({ node }) => ids.indexOf(node.id)),
    info: (variables: object) => read(variables)?.pageInfo,
    readTotal: () => Object(cache.readQuery({ query: COUNT })).videos?.totalCount,
    pick: (...numbers: readonly number[]) => numbers.map((each) => ids[each] ?? ''),
    ...createMutations(client),
    elsewhere: createMutations(other),
    async [Symbol.asyncDispose]() {
      client.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}
