// The type definitions, the resolvers and the scopes as one executable schema. It adds no types and no resolvers of its own.
import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { enforceScopes } from './auth/required-scopes.ts';
import type { Resolvers } from './generated/resolvers.ts';
import { passIdLists } from './id-lists.ts';
import { readTypeDefs } from './type-defs.ts';

/** The executable schema. Throws if a resolver names a type or a field that the schema lacks. */
export function createSchema(resolvers: Resolvers): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs: readTypeDefs(), resolvers });
  return enforceScopes(passIdLists(describeScalars(schema)));
}

/** makeExecutableSchema copies each property of a scalar's resolver, so a missing description replaces that of `schema/`. */
function describeScalars(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.SCALAR_TYPE]: (type) =>
      type.astNode &&
      new GraphQLScalarType({ ...type.toConfig(), description: type.astNode.description?.value }),
  });
}
