/**
 * What Apollo Client's cache has to know of the gateway's schema, generated from it. Ask lists for their `edges`: these
 * are what pages are merged in.
 *
 * @example
 * ```js
 * import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
 * import { possibleTypes, typePolicies } from 'apivideo-graphql/apollo';
 *
 * const client = new ApolloClient({
 *   link: new HttpLink({ uri: 'http://127.0.0.1:4000/graphql' }),
 *   cache: new InMemoryCache({ possibleTypes, typePolicies }),
 * });
 * ```
 *
 * @module
 */
export { possibleTypes, typePolicies } from '../generated/apollo-cache.ts';
