/**
 * Settings for Apollo Client's cache, generated from the gateway's schema.
 *
 * @example
 * ```js
 * import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
 * import {
 *   possibleTypes,
 *   raiseCacheSizes,
 *   typePolicies,
 *   updateVideoLists,
 * } from 'apivideo-graphql-client/apollo';
 *
 * raiseCacheSizes();
 * const client = new ApolloClient({
 *   link: new HttpLink({ uri: 'http://127.0.0.1:4000/graphql' }),
 *   cache: new InMemoryCache({ possibleTypes, typePolicies }),
 *   defaultOptions: { mutate: { update: updateVideoLists } },
 * });
 * ```
 *
 * @module
 */

export { raiseCacheSizes } from './apollo-cache-sizes.ts';
export { applyResults, updateVideoLists } from './apollo-lists.ts';
export { followOperation } from './apollo-operations.ts';
export { possibleTypes, typePolicies } from './generated/apollo-cache.ts';
