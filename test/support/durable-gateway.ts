// Gateways with durable operations, each in its own process, and what a client asks of them.
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { createPlainVideo, type PlainRequest } from './plain-upstream.ts';

const OPERATION = z.object({
  status: z.string(),
  total: z.number(),
  succeeded: z.number(),
  destroyed: z.number(),
  failed: z.number(),
  pending: z.number(),
  failures: z.array(z.object({ code: z.string(), count: z.number() })),
});
export type SeenOperation = z.infer<typeof OPERATION>;

const RESULTS = z.object({
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  nodes: z.array(
    z.object({
      __typename: z.string(),
      videoId: z.string(),
      code: z.string().optional(),
      alreadyRemoved: z.boolean().optional(),
    }),
  ),
});
export type SeenResult = z.infer<typeof RESULTS>['nodes'][number];

/** @param store - DATA_DIR or DATABASE_URL. */
export function startDurableGateway(
  upstreamUrl: string,
  store: Record<string, string>,
  options: Parameters<typeof startGatewayProcess>[2] = {},
): GatewayProcess {
  return startGatewayProcess(
    [],
    {
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: upstreamUrl,
      PORT: '0',
      UPSTREAM_LAG_MS: '500',
      UPSTREAM_TIMEOUT_MS: '1000',
      ...store,
    },
    options,
  );
}

/** Posts a document, and resolves with `data`; rejects if the gateway does not answer, or answers with errors. */
export async function ask(
  url: string,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(15_000),
  });
  const { data, errors } = z
    .object({ data: z.unknown(), errors: z.array(z.unknown()).optional() })
    .parse(await response.json());
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const STARTED = z.object({ payload: z.object({ operation: z.object({ id: z.string() }) }) });

/** Starts an operation in the background. @returns its id. */
export async function startInBackground(
  url: string,
  field: 'deleteVideos' | 'restoreVideos',
  ids: readonly string[],
  options = '',
  headers: Record<string, string> = {},
): Promise<string> {
  const data = await ask(
    url,
    `mutation ($ids: [ID!]!, $key: String) { payload: ${field}(ids: $ids, options: {
      background: true, idempotencyKey: $key ${options} }) { operation { id } userErrors { message } } }`,
    { ids, key: randomUUID() },
    headers,
  );
  return STARTED.parse(data).payload.operation.id;
}

export async function readOperation(
  url: string,
  id: string,
  headers: Record<string, string> = {},
): Promise<SeenOperation> {
  const data = await ask(
    url,
    `query ($id: ID!) { operation(id: $id) { status total succeeded destroyed failed pending
      failures { code count } } }`,
    { id },
    headers,
  );
  return z.object({ operation: OPERATION }).parse(data).operation;
}

/** All results, in order. */
export async function readResults(url: string, id: string): Promise<readonly SeenResult[]> {
  const results: SeenResult[] = [];
  for (let after: string | null = null; ; ) {
    const data = await ask(
      url,
      `query ($id: ID!, $after: String) { operation(id: $id) { results(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { __typename videoId ... on VideoFailure { code } ... on VideoRemoved { alreadyRemoved } } } } }`,
      { id, after },
    );
    const page: z.infer<typeof RESULTS> = z.object({ operation: z.object({ results: RESULTS }) }).parse(data)
      .operation.results;
    results.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return results;
    after = page.pageInfo.endCursor;
  }
}

/** Live videos of the plain stand-in. */
export function createPlainVideos(count: number) {
  const videos = Array.from({ length: count }, (_, index) => ({
    ...createPlainVideo(index % 300),
    videoId: `viDurable${index}`,
  }));
  return { videos, ids: videos.map(({ videoId }) => videoId) };
}

/** Whether a request deletes one of these, rather than the probe video. */
export function isDeletion({ method, path }: PlainRequest): boolean {
  return method === 'DELETE' && path.includes('viDurable');
}
