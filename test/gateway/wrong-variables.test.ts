// Variables that are wrong in very many places: as many errors as anybody reads, and no more work than that.
import { expect, test } from 'vitest';
import { startTestGateway } from '../support/test-gateway.ts';

const QUERY = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const LIST = 'query ($tags: [String!]) { videos(filter: { tags: $tags }) { totalCount } }';
const WRONG = Array(40_000).fill(null);

test.each(['on', 'off'])('reports twenty errors of 40,000, with INTROSPECTION=%s', async (INTROSPECTION) => {
  await using started = await startTestGateway({ env: { INTROSPECTION } });
  const { post, sandbox } = started;

  const { data, errors } = await post({ query: QUERY, variables: { ids: WRONG } });

  expect(data).toBeUndefined();
  expect(errors).toHaveLength(21);
  expect(errors.at(0)).toMatchObject({
    message:
      'Variable "$ids" got invalid value null at "ids[0]"; Expected non-nullable type "ID!" not to be null.',
    extensions: { code: 'BAD_USER_INPUT' },
  });
  expect(errors.at(-1)?.message).toContain('Too many errors');
  expect(sandbox.requests).toEqual([]);
});

test.each(['on', 'off'])(
  'also of a query that has run before, with INTROSPECTION=%s',
  async (INTROSPECTION) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post } = started;
    for (let run = 0; run < 2; run += 1) await post({ query: LIST, variables: { tags: ['a'] } });

    const { errors } = await post({ query: LIST, variables: { tags: WRONG } });

    expect(errors).toHaveLength(21);
    expect(errors.at(-1)?.message).toContain('Too many errors');
  },
);

const FILTER = 'query ($filter: VideoFilter) { videos(filter: $filter) { totalCount } }';
const fieldsOf = (count: number, value: unknown = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, value]));

test.each(['on', 'off'])(
  'quotes no more than a thousand characters of a value, with INTROSPECTION=%s',
  async (INTROSPECTION) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post } = started;

    const { errors } = await post({
      query: FILTER,
      variables: { filter: { title: 'x'.repeat(50_000), ...fieldsOf(30) } },
    });

    expect(errors).toHaveLength(21);
    expect(Math.max(...errors.map(({ message }) => message.length))).toBe(1_001);
  },
);

test('reports one error if each would quote a long value', async () => {
  await using started = await startTestGateway();
  const { post } = started;

  const { errors } = await post({
    query: FILTER,
    variables: { filter: { title: 'x'.repeat(900_000), ...fieldsOf(30) } },
  });

  expect(errors.map(({ message }) => message.slice(0, 41))).toEqual([
    'Variable "$filter" got invalid value { ti',
    'Too many errors processing variables, err',
  ]);
});

test('suggests no name for one of a megabyte', async () => {
  await using started = await startTestGateway();
  const { post } = started;
  const query = 'query ($by: VideoOrder) { videos(orderBy: $by) { totalCount } }';

  const short = await post({ query, variables: { by: { field: 'TITEL' } } });
  const long = await post({ query, variables: { by: { field: 'TITLE'.repeat(200_000) } } });

  expect(short.errors[0]?.message).toContain('Did you mean');
  expect(long.errors[0]?.message).toHaveLength(1_001);
  expect(JSON.stringify(long.errors)).not.toContain('Did you mean');
});

test.each([
  ['50,001 values', { ids: [Array(49_999).fill('a')] }, 'variables of at most 50000 values'],
  [
    '50,001 values in a long list',
    { ids: Array(50_001).fill('a') },
    'variables of at most 50000 values in long lists',
  ],
  ['1,001 variables', fieldsOf(1001), 'at most 1000 variables'],
  ['51 fields', { filter: fieldsOf(51) }, 'objects of at most 50 fields in the variables'],
  [
    '51 fields deep inside',
    { more: [{ a: [[fieldsOf(51)]] }] },
    'objects of at most 50 fields in the variables',
  ],
  [
    'a name of 1,001 characters',
    { filter: { ['x'.repeat(1001)]: 1 } },
    'names of at most 1000 characters in the variables',
  ],
  [
    'a variable with such a name',
    { ['x'.repeat(1001)]: 1 },
    'names of at most 1000 characters in the variables',
  ],
])('refuses %s before GraphQL reads them', async (_name, variables, limit) => {
  await using started = await startTestGateway();
  const { post } = started;

  // A document that cannot be parsed shows what comes first.
  const { errors } = await post({ query: '{', variables });

  expect(errors).toEqual([
    { message: `Expected ${limit}, and got more.`, extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

test.each([
  ['50,000 values', { ids: [Array(49_998).fill('a')] }],
  ['1,000 variables', fieldsOf(1000)],
  ['50 fields', { more: fieldsOf(50) }],
  ['lists within 2,000 others', { more: JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) }],
])('reads %s', async (_name, variables) => {
  await using started = await startTestGateway();
  const { post } = started;

  expect(await post({ query: '{ __typename }', variables })).toMatchObject({ data: { __typename: 'Query' } });
});

test('refuses a long list of other values than ids before GraphQL reads it', async () => {
  await using started = await startTestGateway({ store: { kind: 'memory' } });
  const { post } = started;
  const query = 'query ($tags: [String!]) { videos(filter: { tags: $tags }) { totalCount } }';

  const { errors } = await post({ query, variables: { tags: Array(60_000).fill('a') } });

  expect(errors).toEqual([
    {
      message: 'Expected variables of at most 50000 values, and got more.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
});

test('says which of 60,000 ids is none', async () => {
  await using started = await startTestGateway({ store: { kind: 'memory' } });
  const { post } = started;
  const ids = [...Array(59_999).fill('a'), true];

  const { errors } = await post({
    query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
    variables: { ids },
  });

  expect(errors).toEqual([
    {
      message:
        'Expected an id, a string or an integer, at "ids[59999]" of the variables, and got another value.',
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
});

test('reads a long list of ids for every field that names it, numbers as texts', async () => {
  await using started = await startTestGateway();
  const { post } = started;
  const ids = Array.from({ length: 1_100 }, (_, index) => index);

  const { data, errors } = await post({
    query: `mutation ($ids: [ID!]!) {
      first: deleteVideos(ids: $ids) { userErrors { code message } }
      second: restoreVideos(ids: $ids) { userErrors { code message } }
      ...on Mutation @include(if: false) { never: deleteVideos(ids: $ids) { userErrors { code } } }
    }`,
    variables: { ids },
  });

  expect(errors).toEqual([]);
  const message = 'Expected at most 1000 distinct ids in one call, and got 1100. Split the call.';
  const userErrors = [{ code: 'TOO_MANY_IDS', message }];
  expect(data).toEqual({ first: { userErrors }, second: { userErrors } });
});

test.each([
  ['brackets', '['.repeat(200_000)],
  ['objects', `[${'{},'.repeat(200_000)}1]`],
  ['names', `{${Array.from({ length: 90_000 }, (_, index) => `"${index}":1`).join()}}`],
])('refuses a body with very many %s before it parses it', async (_name, variables) => {
  await using started = await startTestGateway();

  const response = await started.gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: `{"query":"{ __typename }","variables":${variables}`,
  });

  expect(response.status).toBe(400);
  // It is no JSON either.
  expect(await response.text()).toContain('Expected a body of at most 80000 values, and got more.');
});
