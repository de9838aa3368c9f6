// The checks of graphql-cop, under its names and with its documents, against the gateway as it runs in production. Its
// check for queries over GET is answered as meant: GET stays for queries.
import { describe, expect, test } from 'vitest';
import { startListeningGateway } from '../support/listening-gateway.ts';
import type { ClientError } from '../support/test-gateway.ts';

type Answer = { readonly data?: Record<string, unknown> | null; readonly errors?: readonly ClientError[] };

async function startProduction() {
  const started = await startListeningGateway({ env: { INTROSPECTION: 'off', GRAPHIQL: 'off' } });
  const { send } = started;
  const ask = async (body: unknown): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await send({ method: 'POST', headers, body: [JSON.stringify(body)] });
    return JSON.parse(answer.body);
  };
  return { ...started, ask };
}

describe('graphql-cop finds nothing of', () => {
  test('Alias Overloading', async () => {
    await using started = await startProduction();
    const { ask, sandbox } = started;
    const aliases = Array.from({ length: 101 }, (_, index) => `alias${index}:__typename \n`).join('');

    const { data, errors } = await ask({ query: `query cop { ${aliases} }` });

    expect(data).toBeUndefined();
    expect(errors?.map(({ message }) => message)).toContain('Expected at most 100 aliases, and got 101.');
    expect(sandbox.requests).toEqual([]);
  });

  test('Array-based Query Batching', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const answer = await ask(Array.from({ length: 11 }, () => ({ query: 'query cop { __typename }' })));

    expect(Array.isArray(answer)).toBe(false);
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toHaveLength(1);
  });

  test('Directive Overloading', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const { errors } = await ask({ query: 'query cop { __typename @aa@aa@aa@aa@aa@aa@aa@aa@aa@aa }' });

    // Ten would say that each of them was looked at.
    expect(errors?.map(({ message }) => message)).toEqual([
      'Expected at most 5 directives at one location, and got 10.',
    ]);
  });

  test('Introspection-based Circular Query', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const { data } = await ask({
      query:
        'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    });

    expect(data).toBeUndefined();
  });

  test('Circular Fragment', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const { errors } = await ask({
      query:
        'query cop { __schema { ...A } } fragment A on __Schema { __typename ...B } fragment B on __Schema { ...A }',
    });

    expect(errors).not.toHaveLength(0);
  });

  test('Field Suggestions', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const answer = await ask({ query: 'query cop { __schema { directive } }' });

    expect(answer.errors).not.toHaveLength(0);
    expect(JSON.stringify(answer)).not.toContain('Did you mean');
  });

  test('Field Duplication', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const { data, errors } = await ask({ query: `query cop { ${'__typename \n'.repeat(500)} }` });

    expect(data).toBeUndefined();
    expect(errors?.map(({ message }) => message)).toEqual(['Expected at most 100 root fields, and got 500.']);
  });

  test.each(['/graphiql', '/playground', '/console', '/graphql'])('GraphQL IDE at %s', async (path) => {
    await using started = await startProduction();
    const { send } = started;

    for (const accept of ['*/*', 'text/html,application/xhtml+xml']) {
      const { body, headers } = await send({ path, headers: { accept } });
      expect(body).not.toMatch(/graphiql|playground/i);
      expect(headers['content-type'] ?? '').not.toContain('html');
    }
  });

  test('Introspection', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const answers = [
      await ask({ query: 'query cop { __schema { types { name fields { name } } } }' }),
      await ask({ query: 'query cop { __type(name: "Video") { name } }' }),
    ];

    for (const { data, errors } of answers) {
      expect(data).toBeUndefined();
      expect(errors?.[0]?.message).toContain('GraphQL introspection has been disabled');
    }
  });

  test('Mutation is allowed over GET', async () => {
    await using started = await startProduction();
    const { send, sandbox } = started;

    const answer = await send({ path: `/graphql?query=${encodeURIComponent('mutation cop {__typename}')}` });

    expect(answer.status).toBe(405);
    expect(JSON.parse(answer.body)).not.toHaveProperty('data');
    expect(sandbox.requests).toEqual([]);
  });

  test('POST based url-encoded query', async () => {
    await using started = await startProduction();
    const { send } = started;
    const query = 'query=query+cop+%7B__typename%7D';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };

    const answers = [
      await send({ method: 'POST', path: `/graphql?${query}` }),
      await send({ method: 'POST', headers, body: [query] }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([415, 415]);
  });

  test('Trace Mode', async () => {
    await using started = await startProduction();
    const { ask } = started;

    expect(await ask({ query: 'query cop { __typename }' })).toEqual({ data: { __typename: 'Query' } });
  });

  test('Unhandled Errors', async () => {
    await using started = await startProduction();
    const { ask } = started;

    const { errors } = await ask({ query: 'qwerty cop { abc }' });

    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'GRAPHQL_PARSE_FAILED' }]);
  });
});

test('a query over GET is what graphql-cop reports, and is meant', async () => {
  await using started = await startProduction();
  const { send } = started;

  const answer = await send({ path: `/graphql?query=${encodeURIComponent('query cop {__typename}')}` });

  expect(JSON.parse(answer.body)).toEqual({ data: { __typename: 'Query' } });
});
