// A GraphQL Code Generator plugin: writes the schema's settings for Apollo Client's InMemoryCache as TypeScript.
import { type GraphQLSchema, isAbstractType } from 'graphql';
import { findConnections, findParts } from './schema-parts.ts';

export function plugin(schema: GraphQLSchema): { prepend: string[]; content: string } {
  const possibleTypes = Object.values(schema.getTypeMap())
    .filter(isAbstractType)
    .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]);
  const lists = Map.groupBy(findConnections(schema), ({ typeName }) => typeName);
  const paginated = [...lists].map(([typeName, fields]) => {
    const policies = fields.map(
      ({ field, keyArgs, edgeType }) =>
        `      ${field}: createListPolicy(${JSON.stringify(keyArgs)}, ${JSON.stringify(edgeType)}),`,
    );
    return `  ${typeName}: {\n    fields: {\n${policies.join('\n')}\n    },\n  },`;
  });
  const merged = findParts(schema).map((name) => `  ${name}: { merge: true },`);
  return {
    prepend: [
      "import type { TypePolicies } from '@apollo/client';",
      "import { createListPolicy } from '../apollo-pages.ts';",
    ],
    content: [
      '/** The types behind each interface, for fragments on interfaces. */',
      `export const possibleTypes: Record<string, string[]> = ${JSON.stringify(Object.fromEntries(possibleTypes), undefined, 2)};\n`,
      '/** The pages of a list are one list for each filter and order; parts without an id are merged into their owner. */',
      `export const typePolicies: TypePolicies = {\n${[...paginated, ...merged].join('\n')}\n};\n`,
    ].join('\n'),
  };
}
