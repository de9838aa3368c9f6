/**
 * The common operations as typed documents, which Apollo Client, urql, graphql-request and others take as they are, and
 * know the types of variables and answers from.
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
