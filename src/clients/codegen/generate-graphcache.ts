// A GraphQL Code Generator plugin: writes the schema's settings for urql's Graphcache as TypeScript.
import { minifyIntrospectionQuery } from '@urql/introspection';
import { type GraphQLSchema, introspectionFromSchema } from 'graphql';
import { findConnections, findObjectTypes, hasId } from './schema-parts.ts';

export function plugin(schema: GraphQLSchema): { prepend: string[]; content: string } {
  const introspection = minifyIntrospectionQuery(introspectionFromSchema(schema, { descriptions: false }));
  const keys = findObjectTypes(schema)
    .filter((type) => !hasId(type))
    .map(({ name }) => `  ${name}: () => null,`);
  const lists = Map.groupBy(findConnections(schema), ({ typeName }) => typeName);
  const resolverLines = [...lists].map(([typeName, fields]) => {
    const resolvers = fields.map(({ field, type }) => `${field}: relayList('${type}')`);
    return `  ${typeName}: { ${resolvers.join(', ')} },`;
  });
  return {
    prepend: [
      "import type { CacheExchangeOpts } from '@urql/exchange-graphcache';",
      "import { relayList } from '../relay-list.ts';",
    ],
    content: [
      '/** The schema, as little of it as Graphcache needs. */',
      `export const schema: NonNullable<CacheExchangeOpts['schema']> = ${JSON.stringify(introspection)};\n`,
      '/** The types without an id: parts of what holds them. */',
      `export const keys: NonNullable<CacheExchangeOpts['keys']> = {\n${keys.join('\n')}\n};\n`,
      '/** The pages of a list, as one list for each filter and order. */',
      `export const resolvers: NonNullable<CacheExchangeOpts['resolvers']> = {\n${resolverLines.join('\n')}\n};\n`,
    ].join('\n'),
  };
}
