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
