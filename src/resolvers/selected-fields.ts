import { collectSubFields } from '@graphql-tools/utils';
import { type FieldNode, type GraphQLResolveInfo, getNamedType, isObjectType } from 'graphql';

/**
 * The names of the fields that an operation selects at a path below the field being resolved. Fragments are expanded,
 * and `@skip` and `@include` applied.
 *
 * @param path - field names, each with the object type to look at there; an empty path gives the field's own selection.
 */
export function selectedFields(
  info: GraphQLResolveInfo,
  path: readonly (readonly [string, string])[],
): Set<string> {
  let nodes: readonly FieldNode[] = info.fieldNodes;
  let typeName = getNamedType(info.returnType).name;
  for (const [field, fieldType] of path) {
    nodes = collect(info, typeName, nodes).filter(({ name }) => name.value === field);
    typeName = fieldType;
  }
  return new Set(collect(info, typeName, nodes).map(({ name }) => name.value));
}

function collect(info: GraphQLResolveInfo, typeName: string, nodes: readonly FieldNode[]): FieldNode[] {
  const type = info.schema.getType(typeName);
  if (!isObjectType(type) || nodes.length === 0) return [];
  const { fields } = collectSubFields(info.schema, info.fragments, info.variableValues, type, [...nodes]);
  return [...fields.values()].flat();
}
