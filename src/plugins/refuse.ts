import type { FetchAPI } from 'graphql-yoga';

/** A refusal of the request as such, in the form of a GraphQL answer, before any of it is executed. */
export function refuse(
  fetchAPI: FetchAPI,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return fetchAPI.Response.json({ errors: [{ message, extensions: { code } }] }, { status, headers });
}
