import { GraphQLError } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';

/** Refuses a whole request before any of it is executed, in the form of a GraphQL answer. */
export function refuse(
  fetchAPI: FetchAPI,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return fetchAPI.Response.json({ errors: [{ message, extensions: { code } }] }, { status, headers });
}

/** For a request that cannot be read: its status is 400 for every client. */
export function createRequestError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}
