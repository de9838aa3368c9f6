// Calls that start, follow, cancel and undo durable operations, as a client sends them, with their answers parsed.
import { expect } from 'vitest';
import * as z from 'zod';
import { eventually } from './eventually.ts';
import type { TestGateway } from './test-gateway.ts';

/** Settings of a gateway that keeps operations in memory, in front of a sandbox with little lag. */
export const KEPT = { store: { kind: 'memory' }, upstreamLagMs: 300, lagMs: 50 } as const;
/** Writes for one video, and none for the next within the test. */
export const ONE_WRITE = { limits: { reads: 500, writes: 1 }, env: { VIDEO_RESTORE: 'on' } };

const OPERATION = `id kind status ifPermanent undoOf total succeeded destroyed failed pending
  failures { code count } createdAt finishedAt undoable`;
const PAYLOAD = `results { __typename videoId ... on VideoFailure { code message } }
  summary { requested succeeded failed pending retryAfterSeconds } operation { ${OPERATION} }
  userErrors { code message field }`;

const operationShape = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.string(),
  ifPermanent: z.string().nullable(),
  undoOf: z.string().nullable(),
  total: z.number(),
  succeeded: z.number(),
  destroyed: z.number(),
  failed: z.number(),
  pending: z.number(),
  failures: z.array(z.object({ code: z.string(), count: z.number() })),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  undoable: z.boolean(),
});
export type ShownOperation = z.infer<typeof operationShape>;

const resultShape = z.object({
  __typename: z.string(),
  videoId: z.string(),
  code: z.string().optional(),
  message: z.string().optional(),
});
const userErrors = z.array(
  z.object({ code: z.string(), message: z.string(), field: z.array(z.string()).nullable() }),
);
const payloadShape = z.object({
  results: z.array(resultShape),
  summary: z.object({
    requested: z.number(),
    succeeded: z.number(),
    failed: z.number(),
    pending: z.number(),
    retryAfterSeconds: z.number().nullable(),
  }),
  operation: operationShape.nullable(),
  userErrors,
});
const cancelShape = z.object({ operation: operationShape.nullable(), userErrors });

type Poster = Pick<TestGateway, 'post'>;
/** Headers of the caller, such as its token. */
export type CallerHeaders = Readonly<Record<string, string>>;
export type CallOptions = {
  readonly waitSeconds?: number;
  readonly background?: boolean;
  readonly idempotencyKey?: string;
  readonly ifPermanent?: 'REFUSE' | 'ALLOW';
};

/** The data of an answer, which must have no errors. */
export async function ask(
  { post }: Poster,
  query: string,
  variables: object = {},
  headers: CallerHeaders = {},
): Promise<Record<string, unknown>> {
  const { data, errors } = await answer({ post }, query, variables, headers);
  expect(errors).toEqual([]);
  return z.record(z.string(), z.unknown()).parse(data);
}

export function answer(
  { post }: Poster,
  query: string,
  variables: object = {},
  headers: CallerHeaders = {},
): ReturnType<TestGateway['post']> {
  const all = { 'content-type': 'application/json', accept: 'application/json', ...headers };
  return post({ query, variables }, { headers: all });
}

async function call(
  started: Poster,
  field: 'deleteVideos' | 'restoreVideos' | 'undoOperation',
  argument: object,
  options: CallOptions,
  headers: CallerHeaders,
) {
  const type = field === 'deleteVideos' ? 'DeleteVideosOptions' : 'RestoreVideosOptions';
  const [name, of] = field === 'undoOperation' ? ['id', 'ID!'] : ['ids', '[ID!]!'];
  const query = `mutation ($${name}: ${of}, $options: ${type}) {
    ${field}(${name}: $${name}, options: $options) { ${PAYLOAD} } }`;
  const data = await ask(started, query, { ...argument, options }, headers);
  return payloadShape.parse(data[field]);
}

export const deleteVideos = (
  started: Poster,
  ids: readonly string[],
  options: CallOptions = { background: true },
  headers: CallerHeaders = {},
) => call(started, 'deleteVideos', { ids }, options, headers);

export const restoreVideos = (
  started: Poster,
  ids: readonly string[],
  options: CallOptions = { background: true },
  headers: CallerHeaders = {},
) => call(started, 'restoreVideos', { ids }, options, headers);

export const undoOperation = (
  started: Poster,
  id: string,
  options: CallOptions = {},
  headers: CallerHeaders = {},
) => call(started, 'undoOperation', { id }, options, headers);

/** The operation of a call that started one. */
export async function start(
  started: Poster,
  ids: readonly string[],
  options: CallOptions = {},
  headers: CallerHeaders = {},
): Promise<ShownOperation> {
  const { operation, userErrors: mistakes } = await deleteVideos(
    started,
    ids,
    { background: true, ...options },
    headers,
  );
  expect(mistakes).toEqual([]);
  return operationShape.parse(operation);
}

export async function cancelOperation(started: Poster, id: string, headers: CallerHeaders = {}) {
  const query = `mutation ($id: ID!) { cancelOperation(id: $id) {
    operation { ${OPERATION} } userErrors { code message field } } }`;
  const data = await ask(started, query, { id }, headers);
  return cancelShape.parse(data.cancelOperation);
}

export async function findOperation(
  started: Poster,
  id: string,
  headers: CallerHeaders = {},
): Promise<ShownOperation | null> {
  const query = `query ($id: ID!) { operation(id: $id) { ${OPERATION} } }`;
  const data = await ask(started, query, { id }, headers);
  return operationShape.nullable().parse(data.operation);
}

/** The operation once it has ended. */
export function endOf(started: Poster, id: string, headers: CallerHeaders = {}): Promise<ShownOperation> {
  return eventually(async () => {
    const operation = operationShape.parse(await findOperation(started, id, headers));
    expect(operation.finishedAt).not.toBeNull();
    return operation;
  });
}

export const idsOf = (list: unknown): string[] =>
  z
    .object({ nodes: z.array(z.object({ id: z.string() })) })
    .parse(list)
    .nodes.map(({ id }) => id);
