/**
 * Settings for urql's normalised cache, Graphcache, generated from the gateway's schema. The cache joins the pages of a list,
 * whether you query its `edges` or its `nodes`. Query the `id` of each video, and all of `pageInfo`.
 *
 * @example
 * ```js
 * import { Client, fetchExchange } from '@urql/core';
 * import { cacheExchange } from '@urql/exchange-graphcache';
 * import { keys, resolvers, schema, updates } from 'apivideo-graphql-client/urql';
 *
 * const client = new Client({
 *   url: 'http://127.0.0.1:4000/graphql',
 *   exchanges: [cacheExchange({ keys, resolvers, schema, updates }), fetchExchange],
 * });
 * ```
 *
 * @module
 */
export { keys, resolvers, schema } from './generated/graphcache.ts';
export { applyResults, updates } from './graphcache-lists.ts';
export { optimistic } from './graphcache-optimistic.ts';
