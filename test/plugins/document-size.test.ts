// The size of a document's text, at each boundary and one past it.
import { describe, expect, test } from 'vitest';
import { startTestGateway } from '../support/test-gateway.ts';

/** Of exactly so many tokens: six of its own, and ids. */
const withTokens = (count: number) => `{nodes(ids:[${'"" '.repeat(count - 12)}]){id}}`;
/** Of exactly so many brackets within each other, two of them its own. */
const withNesting = (depth: number) => `{nodes(ids:${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}){id}}`;

describe('a document', () => {
  test('of 1,000 ids of 24 characters, written into it, is far below the limits', async () => {
    await using started = await startTestGateway({ env: { VIDEO_RESTORE: 'off' } });
    const { post } = started;
    const ids = Array.from({ length: 1000 }, (_, index) => `"vi${String(index).padStart(22, '0')}"`);

    const { data, errors } = await post({
      query: `mutation { deleteVideos(ids: [${ids.join(', ')}]) { summary { requested } } }`,
    });

    expect(errors).toEqual([]);
    expect(data).toEqual({ deleteVideos: { summary: { requested: 1000 } } });
  });

  test('of 15,000 tokens is read', async () => {
    await using started = await startTestGateway({ env: { MAX_IDS: '100000' } });
    const { post } = started;

    const { data, errors } = await post({ query: withTokens(15_000) });

    expect(errors).toEqual([]);
    expect(data).toHaveProperty('nodes.length', 14_988);
  });

  test('of 15,001 tokens is refused before it is parsed', async () => {
    await using started = await startTestGateway();
    const { post, sandbox } = started;

    const { data, errors } = await post({ query: withTokens(15_001) });

    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      {
        message: 'Expected a document of at most 15000 tokens, and got more.',
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
    expect(sandbox.requests).toEqual([]);
  });

  test('of fifty brackets within each other is read', async () => {
    await using started = await startTestGateway();
    const { post } = started;

    const { errors } = await post({ query: withNesting(50) });

    expect(errors[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test.each([51, 7000])('of %i brackets within each other is refused before it is parsed', async (depth) => {
    await using started = await startTestGateway();
    const { post, sandbox } = started;

    const { data, errors } = await post({ query: withNesting(depth) });

    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      {
        message: 'Expected a document of at most 50 levels of nested brackets, and got more.',
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each(['\n', '\r', '\r\n'])('of 15,000 lines, parted by %j, is read', async (end) => {
    await using started = await startTestGateway();
    const { post } = started;

    const { data } = await post({ query: `{${end.repeat(14_999)}__typename}` });

    expect(data).toEqual({ __typename: 'Query' });
  });

  test.each(['\n', '\r', '\r\n'])('of 15,001 lines, parted by %j, is refused', async (end) => {
    await using started = await startTestGateway();
    const { post, sandbox } = started;

    const { data, errors } = await post({ query: `{${end.repeat(15_000)}__typename}` });

    expect(data).toBeUndefined();
    expect(errors).toMatchObject([
      {
        message: 'Expected a document of at most 15000 lines, and got more.',
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
    expect(sandbox.requests).toEqual([]);
  });

  test.each(['"""', '#'])('of 15,001 lines is refused, wherever they are (%s)', async (begin) => {
    await using started = await startTestGateway();
    const { post } = started;
    const lines = `${begin === '#' ? '#' : ''}\n`.repeat(15_000);

    const { errors } = await post({
      query: begin === '#' ? `{ __typename ${lines} }` : `{ video(id: ${begin}${lines}${begin}) { id } }`,
    });

    expect(errors[0]?.message).toBe('Expected a document of at most 15000 lines, and got more.');
  });

  test.each([
    ['a name', (length: number) => `{ ${'n'.repeat(length)} }`],
    ['an alias', (length: number) => `{ ${'n'.repeat(length)}: __typename }`],
    ['a whole number', (length: number) => `{ videos(first: ${'1'.repeat(length)}) { totalCount } }`],
    ['a fraction', (length: number) => `{ videos(first: 1.${'1'.repeat(length - 2)}) { totalCount } }`],
  ])('with %s of 1,000 characters is read, of 1,001 refused', async (_name, write) => {
    await using started = await startTestGateway();
    const { post } = started;
    const codes = async (length: number) =>
      (await post({ query: write(length) })).errors.map(({ extensions }) => extensions?.code);

    expect(await codes(1000)).not.toContain('GRAPHQL_PARSE_FAILED');
    expect(await codes(1001)).toEqual(['GRAPHQL_PARSE_FAILED']);
  });
});
