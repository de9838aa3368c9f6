// Variables that are wrong in very many places: as many errors as anybody reads, and no more work than that.
import { expect, test } from 'vitest';
import { startTestGateway } from '../support/test-gateway.ts';

const QUERY = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const LIST = 'query ($tags: [String!]) { videos(filter: { tags: $tags }) { totalCount } }';
const WRONG = Array(200_000).fill(null);
/** Each as an error of its own would take a minute. */
const QUICK = { timeout: 10_000 };

test.each(['on', 'off'])(
  'tells fifty errors of 200,000, with INTROSPECTION=%s',
  QUICK,
  async (INTROSPECTION) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post, sandbox } = started;

    const { data, errors } = await post({ query: QUERY, variables: { ids: WRONG } });

    expect(data).toBeUndefined();
    expect(errors).toHaveLength(51);
    expect(errors.at(0)).toMatchObject({
      message:
        'Variable "$ids" got invalid value null at "ids[0]"; Expected non-nullable type "ID!" not to be null.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(errors.at(-1)?.message).toContain('Too many errors');
    expect(sandbox.requests).toEqual([]);
  },
);

test.each(['on', 'off'])(
  'also of a query that has run before, with INTROSPECTION=%s',
  QUICK,
  async (INTROSPECTION) => {
    await using started = await startTestGateway({ env: { INTROSPECTION } });
    const { post } = started;
    for (let run = 0; run < 2; run += 1) await post({ query: LIST, variables: { tags: ['a'] } });

    const { errors } = await post({ query: LIST, variables: { tags: WRONG } });

    expect(errors).toHaveLength(51);
    expect(errors.at(-1)?.message).toContain('Too many errors');
  },
);
