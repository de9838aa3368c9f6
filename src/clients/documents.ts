/**
 * The common operations as typed documents. Apollo Client, urql, graphql-request and others take them as they are, and
 * infer the types of variables and answers from them.
 *
 * @example
 * ```js
 * import { request } from 'graphql-request';
 * import { DeleteVideosDocument } from 'apivideo-graphql/documents';
 *
 * const { deleteVideos } = await request('http://127.0.0.1:4000/graphql', DeleteVideosDocument, { ids });
 * ```
 *
 * @module
 */
export * from '../generated/typed-documents.ts';
