// What an answer reports of a document with very many errors: its size, and the work for it, must not be their number times
// the size of the document.
import { describe, expect, test } from 'vitest';
import { startTestGateway } from '../support/test-gateway.ts';

const wrongFields = (count: number) => Array.from({ length: count }, (_, index) => `w${index}`).join(' ');
const fragments = Array.from({ length: 99 }, (_, index) => `fragment F${index} on Query { ...F${index} }`);

describe.each(['on', 'off'])('with INTROSPECTION=%s', (INTROSPECTION) => {
  test.each([
    ['99 unknown fields', `{ ${wrongFields(99)} }`],
    [
      '4,900 unknown arguments',
      `{ video(${Array.from({ length: 4900 }, (_, index) => `a${index}: 1`).join(' ')}) { id } }`,
    ],
    ['14,900 wrong values', `{ nodes(ids: [${'1.5 '.repeat(14_900)}]) { id } }`],
    [
      '3,700 unused variables',
      `query (${Array.from({ length: 3700 }, (_, index) => `$v${index}: Int`)}) { a }`,
    ],
    ['99 cycles', `{ ...F0 } ${fragments.join(' ')}`],
  ])('twenty errors of %s are reported', async (_name, query) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post } = started;

    const { errors } = await post({ query });

    expect(errors).toHaveLength(21);
    expect(errors.at(-1)?.message).toBe(
      'Too many validation errors, error limit reached. Validation aborted.',
    );
    expect(JSON.stringify(errors).length).toBeLessThan(100_000);
  });

  test.each([
    ['a syntax error', (text: string) => `{ ${`"${text}"`} }`, 'GRAPHQL_PARSE_FAILED'],
    [
      'a wrong value',
      (text: string) => `{ videos(first: "${text}") { totalCount } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
  ])('%s quotes a thousand characters of a megabyte', async (_name, write, code) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post } = started;

    const { errors } = await post({ query: write('x'.repeat(1_000_000)) });

    expect(errors.map(({ message, extensions }) => [message.length, extensions])).toEqual([
      [1_001, { code }],
    ]);
    expect(errors[0]).toHaveProperty('locations.length', 1);
  });
});

describe('the errors of a document', () => {
  const WRONG = wrongFields(99);
  const FAILING = Array.from(
    { length: 99 },
    (_, index) => `a${index}: videos(first: -1) { totalCount }`,
  ).join(' ');

  test.each([
    ['that fails validation', WRONG, 21],
    ['that fails field by field', FAILING, 99],
  ])('%s name their locations up to 500 lines, and none in more', async (_name, fields, count) => {
    await using started = await startTestGateway();
    const { post } = started;

    const short = await post({ query: `{${'\n'.repeat(499)}${fields}}` });
    const long = await post({ query: `{${'\n'.repeat(500)}${fields}}` });

    const located = (errors: readonly object[]) => errors.filter((error) => 'locations' in error).length;
    expect([short.errors.length, long.errors.length]).toEqual([count, count]);
    expect(located(short.errors)).toBe(Math.min(count, count === 21 ? 20 : count));
    expect(located(long.errors)).toBe(0);
    expect(short.errors[0]).toMatchObject({ locations: [{ line: 500, column: 1 }] });
  });

  test('of 15,000 lines names where the syntax is wrong', async () => {
    await using started = await startTestGateway();
    const { post } = started;

    const { errors } = await post({ query: `{${'\n'.repeat(14_999)}"` });

    expect(errors).toMatchObject([{ locations: [{ line: 15_000, column: 2 }] }]);
  });
});
