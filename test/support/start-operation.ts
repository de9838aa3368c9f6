import type { ClientError } from './test-gateway.ts';

type Post = (body: unknown, init?: RequestInit) => Promise<{ data: unknown; errors: readonly ClientError[] }>;

/** Starts a deletion in the background. @returns its id. */
export async function startOperation(
  post: Post,
  ids: readonly string[],
  init?: RequestInit,
): Promise<string> {
  const query = `mutation ($ids: [ID!]!) {
    deleteVideos(ids: $ids, options: { background: true }) { operation { id } userErrors { message } }
  }`;
  const { data, errors } = await post({ query, variables: { ids } }, init);
  const id: unknown = Object(data).deleteVideos?.operation?.id;
  if (typeof id !== 'string') throw new Error(`no operation: ${JSON.stringify({ data, errors })}`);
  return id;
}
