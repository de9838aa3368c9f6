// The schema as the package ships it: every file of schema/, made executable. It adds no types and no resolvers of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { enforceScopes } from './auth/required-scopes.ts';
import type { Resolvers } from './generated/resolvers.ts';

// Beside src/ and beside dist/ alike, so that the same line finds it from the sources and from the published package.
const folder = new URL('../schema/', import.meta.url);

/** The type definitions, in the alphabetical order of their files, which is the order GraphiQL shows. */
export function readTypeDefs(): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n');
}

/** The executable schema. Throws where a resolver names a type or a field that the schema lacks. */
export function createSchema(resolvers: Resolvers): GraphQLSchema {
  return enforceScopes(makeExecutableSchema({ typeDefs: readTypeDefs(), resolvers }));
}
