/**
 * Settings for Apollo Client's cache, generated from the gateway's schema. Query lists for their `edges`, in which the
 * cache merges pages.
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
