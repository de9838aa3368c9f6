// What one document may ask for: each limit at its boundary, and one past it, where nothing is sent upstream.
import { getIntrospectionQuery, type IntrospectionOptions } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const repeat = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join(' ');

const STATUS = 'status __typename';
/** A field of many, each of them under a name of its own. */
const aliases = (count: number) => repeat(count, (index) => `a${index}: status`);
/** Inline fragments count nothing by themselves, and the innermost field is as deep as is asked for. */
const nested = (depth: number) =>
  `{ __schema { types { ${'ofType { '.repeat(depth - 3)}name${' }'.repeat(depth - 3)} } } }`;

type Limit = readonly [name: string, at: string, past: string, message: string];

const LIMITS: readonly Limit[] = [
  [
    'fields within each other',
    nested(15),
    nested(16),
    'Expected at most 15 levels of nested fields, and got 16.',
  ],
  [
    'fields within each other, in fragments',
    `{ __schema { types { ...F } } } fragment F on __Type { ... on __Type { ${'ofType { '.repeat(12)}name${' }'.repeat(12)} } }`,
    `{ __schema { types { ...F } } } fragment F on __Type { ... on __Type { ${'ofType { '.repeat(13)}name${' }'.repeat(13)} } }`,
    'Expected at most 15 levels of nested fields, and got 16.',
  ],
  [
    'root fields',
    `{ ${repeat(100, () => '__typename')} }`,
    `{ ${repeat(101, () => '__typename')} }`,
    'Expected at most 100 root fields, and got 101.',
  ],
  [
    'root fields, in fragments',
    `{ ...F ...F } fragment F on Query { ${repeat(50, () => '__typename')} }`,
    `{ ...F ... on Query { ...F } __typename } fragment F on Query { ${repeat(50, () => '__typename')} }`,
    'Expected at most 100 root fields, and got 101.',
  ],
  [
    'aliases',
    `{ videoRestore { ${aliases(100)} } }`,
    `{ videoRestore { ${aliases(101)} } }`,
    'Expected at most 100 aliases, and got 101.',
  ],
  [
    'aliases of __typename',
    `{ videoRestore { ${repeat(100, (index) => `a${index}: __typename`)} } }`,
    `{ videoRestore { ${repeat(101, (index) => `a${index}: __typename`)} } }`,
    'Expected at most 100 aliases, and got 101.',
  ],
  [
    'aliases, in a fragment that is spread twice',
    `{ videoRestore { ...F ...F } } fragment F on VideoRestore { ${aliases(50)} }`,
    `{ videoRestore { ...F ...F a: status } } fragment F on VideoRestore { ${aliases(50)} }`,
    'Expected at most 100 aliases, and got 101.',
  ],
  [
    'fields',
    `{ videoRestore { ${repeat(499, () => STATUS)} observedAt } }`,
    `{ videoRestore { ${repeat(500, () => STATUS)} } }`,
    'Expected at most 1000 fields, and got 1001.',
  ],
  [
    'fields, in fragments of fragments',
    `{ videoRestore { ...F status } upstreamBudget { __typename } } fragment F on VideoRestore { ...G ...G } fragment G on VideoRestore { ${repeat(249, () => STATUS)} }`,
    `{ videoRestore { ...F status status } upstreamBudget { __typename } } fragment F on VideoRestore { ...G ...G } fragment G on VideoRestore { ${repeat(249, () => STATUS)} }`,
    'Expected at most 1000 fields, and got 1001.',
  ],
  [
    'fields, of which a spread of no fragment counts as one',
    `{ ${repeat(999, (index) => `...unknown${index}`)} __typename }`,
    `{ ${repeat(1000, (index) => `...unknown${index}`)} __typename }`,
    'Expected at most 1000 fields, and got 1001.',
  ],
  [
    'directives at one place',
    '{ __typename @skip(if: false) @include(if: true) @skip(if: false) @include(if: true) @skip(if: false) }',
    '{ __typename @skip(if: false) @include(if: true) @skip(if: false) @include(if: true) @skip(if: false) @skip(if: false) }',
    'Expected at most 5 directives at one location, and got 6.',
  ],
  [
    'operations and fragments',
    repeat(100, (index) => `query Q${index} { __typename }`),
    repeat(101, (index) => `query Q${index} { __typename }`),
    'Expected at most 100 operations and fragments in a document, and got 101.',
  ],
];

const toName = (query: string) => (query.startsWith('query Q0') ? 'Q0' : undefined);

describe('a document', () => {
  test.each(LIMITS)('of as many %s as are allowed is not refused for them', async (_name, at) => {
    await using started = await startTestGateway();
    const { post } = started;

    const { errors } = await post({ query: at, operationName: toName(at) });

    expect(errors.filter(({ message }) => message.startsWith('Expected at most'))).toEqual([]);
  });

  test.each(LIMITS)('of one more %s is refused, and says so', async (_name, _at, past, message) => {
    await using started = await startTestGateway();
    const { post, sandbox } = started;

    for (let asked = 0; asked < 2; asked += 1) {
      const { data, errors } = await post({ query: past, operationName: toName(past) });

      expect(data).toBeUndefined();
      expect(errors).toMatchObject([{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
    expect(sandbox.requests).toEqual([]);
  });

  test('that deletes is refused by the same limits', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { post, sandbox } = started;
    const field = (index: number) => `a${index}: deleteVideos(ids: ["${ids[0]}"]) { summary { requested } }`;

    const { data, errors } = await post({ query: `mutation { ${repeat(101, field)} }` });

    expect(data).toBeUndefined();
    expect(errors.map(({ message }) => message)).toEqual([
      'Expected at most 100 root fields, and got 101.',
      'Expected at most 100 aliases, and got 101.',
    ]);
    expect(sandbox.requests).toEqual([]);
  });
});

describe('an introspection', () => {
  const everything: IntrospectionOptions = {
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  };

  test('that asks for everything, as GraphiQL does, is answered', async () => {
    await using started = await startTestGateway();
    const { post } = started;

    const { data, errors } = await post({ query: getIntrospectionQuery(everything) });

    expect(errors).toEqual([]);
    expect(data).toHaveProperty('__schema.types');
  });

  test('is refused if it is off, and so is each of its two fields', async () => {
    await using started = await startTestGateway({ env: { INTROSPECTION: 'off' } });
    const { post } = started;

    for (const query of [
      getIntrospectionQuery(everything),
      '{ s: __schema { description } }',
      '{ ...F } fragment F on Query { __type(name: "Video") { name } }',
    ]) {
      const { data, errors } = await post({ query });
      expect(data).toBeUndefined();
      expect(errors[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    }
    expect(await post({ query: '{ __typename }' })).toMatchObject({ data: { __typename: 'Query' } });
  });
});

describe('suggestions', () => {
  const wrong = [
    { query: '{ video { id } }' },
    { query: '{ vidoes { nodes { id } } }' },
    { query: '{ videos(frist: 1) { totalCount } }' },
    { query: '{ videos(orderBy: { field: CREATED_A }) { totalCount } }' },
    { query: '{ node(id: "x") { title } }' },
    { query: '{ videos { totalCount } @includ(if: true) }' },
    { query: 'fragment F on Vidoe { id }' },
    {
      query: 'query ($order: VideoOrder) { videos(orderBy: $order) { totalCount } }',
      variables: { order: { field: 'CREATED_A' } },
    },
    {
      query: 'query ($order: VideoOrder) { videos(orderBy: $order) { totalCount } }',
      variables: { order: { fiel: 'CREATED_AT' } },
    },
  ];

  test('are not made if introspection is off', async () => {
    await using started = await startTestGateway({ env: { INTROSPECTION: 'off' } });
    const { post } = started;

    for (const body of wrong) {
      const { errors } = await post(body);
      expect(errors).not.toEqual([]);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
    }
  });

  test('are made if it is on', async () => {
    await using started = await startTestGateway();
    const { post } = started;

    const answers = await Promise.all(wrong.map((body) => post(body)));

    expect(JSON.stringify(answers)).toContain('Did you mean \\"videos\\"');
    expect(JSON.stringify(answers)).toContain('Did you mean the enum value \\"CREATED_AT\\"');
  });
});
