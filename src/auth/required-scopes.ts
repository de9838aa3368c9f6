// Enforces the scopes that the schema requires of callers, in @requiresScopes, for all fields alike.
import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, GraphQLError, type GraphQLSchema } from 'graphql';
import * as z from 'zod';
import { SCOPES, type Scope, type Viewer } from './access.ts';
import { isCertain } from './certain-fields.ts';

/** The part of a request that the check needs: the caller. */
type ScopedContext = { readonly viewer: Viewer };

const directive = z.object({ scopes: z.array(z.array(z.enum(SCOPES)).min(1)).min(1) });

/** Adds a check before every field that requires scopes: without them, that field alone is FORBIDDEN. */
export function enforceScopes(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const found = getDirective(schema, field, 'requiresScopes')?.[0];
      if (!found) return field;
      const { scopes: alternatives } = directive.parse(found);
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        resolve(source: unknown, args: Record<string, unknown>, context: ScopedContext, info) {
          if (isAllowed(context, alternatives) || isCertain(typeName, fieldName, source))
            return resolve(source, args, context, info);
          throw createForbiddenError(`${typeName}.${fieldName}`, alternatives);
        },
      };
    },
  });
}

function isAllowed({ viewer }: ScopedContext, alternatives: readonly (readonly Scope[])[]): boolean {
  return alternatives.some((scopes) => scopes.every((scope) => viewer.scopes.has(scope)));
}

function createForbiddenError(field: string, alternatives: readonly (readonly Scope[])[]): GraphQLError {
  const expected = alternatives.map((scopes) => scopes.join(' and ')).join(', or ');
  return new GraphQLError(`${field} requires the scope ${expected}, which the token does not have.`, {
    extensions: { code: 'FORBIDDEN' },
  });
}
