// Which documents are kept: those that passed validation, and no more than fit.

import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { useDocumentCache } from '../../src/plugins/document-cache.ts';

/** A server that counts the documents that it parses and validates. */
function start() {
  const counts = { parsed: 0, validated: 0 };
  const counting: Plugin = {
    onParse({ parseFn, setParseFn }) {
      setParseFn((text, options) => {
        counts.parsed += 1;
        return parseFn(text, options);
      });
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((...args) => {
        counts.validated += 1;
        return validateFn(...args);
      });
    },
  };
  const yoga = createYoga({
    schema: createSchema({ typeDefs: 'type Query { a(b: [Int]): Int }' }),
    parserAndValidationCache: false,
    logging: false,
    plugins: [useDocumentCache(), counting],
  });
  const send = async (query: string) => {
    const response = await yoga.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
  return { send, counts };
}

test('a document that passed is parsed and validated once', async () => {
  const { send, counts } = start();

  for (let turn = 0; turn < 3; turn += 1) expect(await send('{ a }')).toEqual({ data: { a: null } });

  expect(counts).toEqual({ parsed: 1, validated: 1 });
});

test.each([
  ['cannot be parsed', '{', 0],
  ['fails validation', '{ b }', 3],
])('a document that %s is not kept, and neither are its errors', async (_name, query, validated) => {
  const { send, counts } = start();

  for (let turn = 0; turn < 3; turn += 1) expect(await send(query)).toHaveProperty('errors');

  expect(counts).toEqual({ parsed: 3, validated });
});

test('one that comes again stays, while others use up the room', async () => {
  const { send, counts } = start();
  // Of more than 5,000 tokens each, so that sixteen fit.
  const filler = (index: number) => `{ a${index}: a(b: [${'1 '.repeat(5000)}]) }`;
  await send('{ a }');

  for (let index = 0; index < 20; index += 1) {
    await send(filler(index));
    await send('{ a }');
  }
  expect(counts.parsed).toBe(21);
  await send(filler(19));
  expect(counts.parsed).toBe(21);
  await send(filler(0));
  expect(counts.parsed).toBe(22);
});
