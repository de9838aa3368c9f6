// Enforces the scopes that the schema requires of callers, in @requiresScopes, for all fields alike.
import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type ASTNode,
  defaultFieldResolver,
  type ExecutionArgs,
  type GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import * as z from 'zod';
import { createForbiddenError } from '../errors.ts';
import { SCOPES, type Scope, type Viewer } from './access.ts';
import { canBeCertain, isCertain } from './certain-fields.ts';

/** The part of a request that the check needs: the caller. */
type ScopedContext = { readonly viewer: Viewer };

const directive = z.object({ scopes: z.array(z.array(z.enum(SCOPES)).min(1)).min(1) });

/** Adds a check before every field that requires scopes: without them, that field alone is FORBIDDEN. */
export function enforceScopes(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) => {
      const alternatives = findAlternatives(schema, field);
      if (!alternatives) return field;
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        resolve(source: unknown, args: Record<string, unknown>, context: ScopedContext, info) {
          if (isAllowed(context, alternatives) || isCertain(typeName, fieldName, source, args))
            return resolve(source, args, context, info);
          throw createForbiddenError(`${typeName}.${fieldName}`, alternatives);
        },
      };
    },
  });
}

type Alternatives = readonly (readonly Scope[])[];

function findAlternatives(
  schema: GraphQLSchema,
  field: Parameters<typeof getDirective>[1],
): Alternatives | undefined {
  const found = getDirective(schema, field, 'requiresScopes')?.[0];
  return found && directive.parse(found).scopes;
}

/**
 * The error of an operation that selects a field whose scope the caller lacks, at any depth: each event of a subscription
 * would have it. Fields that an outcome may make certain are left to the events.
 */
export function findForbidden(
  { schema, document, operationName, variableValues }: ExecutionArgs,
  viewer: Viewer,
): GraphQLError | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  // The execution reports what is wrong with them.
  if (!coerced) return undefined;
  const fragments = new Map(
    document.definitions.map((each) => [each.kind === Kind.FRAGMENT_DEFINITION ? each.name.value : '', each]),
  );
  const types = new TypeInfo(schema);
  let forbidden: GraphQLError | undefined;
  const visitor = visitWithTypeInfo(types, {
    enter(node) {
      if (forbidden || isLeftOut(node, coerced)) return false;
      if (node.kind === Kind.FRAGMENT_SPREAD) parts.add(fragments.get(node.name.value) ?? operation);
      if (node.kind !== Kind.FIELD) return undefined;
      const [parent, field] = [types.getParentType()?.name ?? '', types.getFieldDef()];
      if (field) forbidden = findFault(schema, parent, field, viewer);
      return undefined;
    },
  });
  const parts = new Set<ASTNode>([operation]);
  // Each fragment once: the set grows as the loop goes.
  for (const part of parts) visit(part, visitor);
  return forbidden;
}

/** Whether `@skip` and `@include` leave out every field of the operation. Of a subscription, nothing would be to follow. */
export function selectsNothing({ schema, document, operationName, variableValues }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName);
  const { coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], variableValues ?? {});
  if (!operation || !coerced) return false;
  const sets = new Set([operation.selectionSet]);
  // Each fragment once: the set grows as the loop goes.
  for (const { selections } of sets)
    for (const selection of selections) {
      if (isLeftOut(selection, coerced)) continue;
      if (selection.kind === Kind.FIELD) return false;
      if (selection.kind === Kind.INLINE_FRAGMENT) sets.add(selection.selectionSet);
      for (const each of document.definitions)
        if (
          selection.kind === Kind.FRAGMENT_SPREAD &&
          each.kind === Kind.FRAGMENT_DEFINITION &&
          each.name.value === selection.name.value
        )
          sets.add(each.selectionSet);
    }
  return true;
}

function findFault(
  schema: GraphQLSchema,
  parent: string,
  field: GraphQLField<unknown, unknown>,
  viewer: Viewer,
): GraphQLError | undefined {
  const alternatives = findAlternatives(schema, field);
  if (!alternatives || canBeCertain(parent, field.name) || isAllowed({ viewer }, alternatives))
    return undefined;
  return createForbiddenError(`${parent}.${field.name}`, alternatives);
}

function isLeftOut(node: ASTNode, variables: Record<string, unknown>): boolean {
  if (!('directives' in node) || !('selectionSet' in node || node.kind === Kind.FRAGMENT_SPREAD))
    return false;
  return (
    getDirectiveValues(GraphQLSkipDirective, node, variables)?.if === true ||
    getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if === false
  );
}

function isAllowed({ viewer }: ScopedContext, alternatives: Alternatives): boolean {
  return alternatives.some((scopes) => scopes.every((scope) => viewer.scopes.has(scope)));
}
