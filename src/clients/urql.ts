/**
 * Settings for urql's normalised cache, Graphcache, generated from the gateway's schema. Query lists for their `edges`,
 * in which the cache merges pages.
 *
 * @example
 * ```js
 * import { Client, fetchExchange } from '@urql/core';
 * import { cacheExchange } from '@urql/exchange-graphcache';
 * import { keys, resolvers, schema } from 'apivideo-graphql/urql';
 *
 * const client = new Client({
 *   url: 'http://127.0.0.1:4000/graphql',
 *   exchanges: [cacheExchange({ keys, resolvers, schema }), fetchExchange],
 * });
 * ```
 *
 * @module
 */
export { keys, resolvers, schema } from '../generated/graphcache.ts';
