// The schema as clients see it: by introspection, over HTTP.
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { readText } from '../docs/read-documents.ts';
import { type ListeningGateway, startListeningGateway } from '../support/listening-gateway.ts';

async function introspect({ origin }: ListeningGateway): Promise<IntrospectionQuery> {
  const query = getIntrospectionQuery({ inputValueDeprecation: true, directiveIsRepeatable: true });
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data }: { data: IntrospectionQuery } = JSON.parse(await response.text());
  return data;
}

/** The description of everything that has a name, by its path, such as `Query.videos.first`. */
function readDescriptions(part: unknown, path = ''): (readonly [string, unknown])[] {
  if (typeof part !== 'object' || part === null) return [];
  if (Array.isArray(part)) return part.flatMap((each) => readDescriptions(each, path));
  const own = 'name' in part && 'description' in part ? [path, part.name].filter(Boolean).join('.') : path;
  return [
    ...('description' in part ? [[own, part.description] as const] : []),
    ...Object.values(part).flatMap((each) => readDescriptions(each, own)),
  ];
}

test('every type, field, argument, enum value and directive of the served schema has a description', async () => {
  await using started = await startListeningGateway();
  const { types, directives } = (await introspect(started)).__schema;
  // The types of introspection itself are graphql-js's own.
  const ours = types.filter(({ name }) => !name.startsWith('__'));
  const described = readDescriptions([ours, directives]);

  expect(described.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      'DateTime',
      'Query.videos.first',
      'VideoFilter.tags',
      'SortDirection.ASC',
      'requiresScopes.scopes',
    ]),
  );
  expect(described.filter(([, text]) => typeof text !== 'string' || text.trim() === '')).toEqual([]);
});

test('the served schema is that of schema.graphql, descriptions included', async () => {
  await using started = await startListeningGateway();
  const served = buildClientSchema(await introspect(started));

  expect(printSchema(lexicographicSortSchema(served))).toBe(
    printSchema(lexicographicSortSchema(buildSchema(readText('schema.graphql')))),
  );
});
