/**
 * The common operations as typed documents. Apollo Client, urql, graphql-request and others take them as they are, and
 * infer the types of variables and answers from them. Beside them: optimistic answers, and what to send again later.
 *
 * @example
 * ```js
 * import { request } from 'graphql-request';
 * import { DeleteVideosDocument, retryLater } from 'apivideo-graphql-client';
 *
 * const { deleteVideos } = await request('http://127.0.0.1:4000/graphql', DeleteVideosDocument, { ids });
 * const retry = retryLater(deleteVideos?.results);
 * if (retry) console.log(`Send ${retry.ids.length} again in ${retry.afterSeconds} seconds.`);
 * ```
 *
 * @module
 */
export * from './generated/typed-documents.ts';
export { assumeRemoved, assumeRestored } from './optimistic.ts';
export { type CallResult, type Retry, retryLater } from './retry-later.ts';
