// Requests of every kind, and the HTTP status of their answers.

export type Case = {
  readonly name: string;
  /** For application/json, and for application/graphql-response+json. */
  readonly statuses: readonly [number, number];
  readonly code?: string;
  readonly body?: unknown;
  readonly search?: string;
  readonly init?: RequestInit;
};

export const PAGE = 'query ($first: Int!) { videos(first: $first) { totalCount } }';
const MUTATION = 'mutation { deleteVideos(ids: ["viA"]) { summary { requested } } }';

/** A GraphQL request that cannot be executed. */
const refused = [200, 400] as const;

export const DOCUMENTS: readonly Case[] = [
  { name: 'data', body: { query: '{ __typename }' }, statuses: [200, 200] },
  { name: 'data for a GET', search: '?query={__typename}', statuses: [200, 200] },
  {
    name: 'an error that leaves data',
    body: { query: '{ bad: videos(first: -1) { totalCount } viewer { canRead } }' },
    statuses: [200, 200],
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'an error that leaves no data',
    body: { query: '{ videos(first: -1) { totalCount } }' },
    statuses: [200, 200],
    code: 'BAD_USER_INPUT',
  },
  { name: 'a syntax error', body: { query: '{' }, statuses: refused, code: 'GRAPHQL_PARSE_FAILED' },
  {
    name: 'too large a document',
    body: { query: `{ ${'a '.repeat(15_000)} }` },
    statuses: refused,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  {
    name: 'an unknown field',
    body: { query: '{ films }' },
    statuses: refused,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'too many fields',
    body: { query: `{ ${'__typename '.repeat(101)} }` },
    statuses: refused,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'an operation that is not there',
    body: { query: 'query A { __typename }', operationName: 'B' },
    statuses: [400, 400],
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'no name where there are two operations',
    body: { query: 'query A { __typename } query B { __typename }' },
    statuses: [400, 400],
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'no operation',
    body: { query: 'fragment F on Query { __typename }' },
    statuses: [400, 400],
    code: 'OPERATION_RESOLUTION_FAILURE',
  },
  {
    name: 'a mutation by GET',
    search: `?query=${encodeURIComponent(MUTATION)}`,
    statuses: [405, 405],
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a hash instead of a query',
    body: { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
    statuses: [200, 200],
    code: 'PERSISTED_QUERY_NOT_SUPPORTED',
  },
  { name: 'no query', body: {}, statuses: [400, 400], code: 'BAD_USER_INPUT' },
  { name: 'a GET without a query', search: '', statuses: [400, 400], code: 'BAD_USER_INPUT' },
  { name: 'a query that is no text', body: { query: 1 }, statuses: [400, 400], code: 'BAD_USER_INPUT' },
];

/** What holds for the same operation as a document and as a persisted operation. */
export const VARIABLES: readonly Case[] = [
  {
    name: 'a wrong variable',
    body: { query: PAGE, variables: { first: 'x' } },
    statuses: refused,
    code: 'BAD_USER_INPUT',
  },
  { name: 'a missing variable', body: { query: PAGE }, statuses: refused, code: 'BAD_USER_INPUT' },
  {
    name: 'too many values',
    body: { query: PAGE, variables: { first: Array(50_001).fill(1) } },
    statuses: refused,
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'variables that are no object',
    body: { query: PAGE, variables: [1] },
    statuses: [400, 400],
    code: 'BAD_USER_INPUT',
  },
];

export const REQUESTS: readonly Case[] = [
  {
    name: 'variables under another name',
    body: { query: '{ __typename }', variabels: { a: 1 } },
    statuses: [400, 400],
    code: 'BAD_USER_INPUT',
  },
  { name: 'an empty batch', body: [], statuses: [400, 400], code: 'BAD_USER_INPUT' },
  {
    name: 'a body that is no JSON',
    init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
    statuses: [400, 400],
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'another media type',
    init: { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' },
    statuses: [415, 415],
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'a compressed body',
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: '{}',
    },
    statuses: [415, 415],
    code: 'BAD_USER_INPUT',
  },
  {
    name: 'variables in a GET that are no JSON',
    search: '?query={__typename}&variables={',
    statuses: [400, 400],
    code: 'BAD_USER_INPUT',
  },
  { name: 'another method', init: { method: 'PUT' }, statuses: [405, 405], code: 'BAD_USER_INPUT' },
];
