// Finds what client caches need to know of a schema, by its form alone: a new type or list needs no change here.
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql';

const PAGING = new Set(['first', 'after', 'last', 'before']);

/** The object types, without the root types and GraphQL's own. */
export function findObjectTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith('__') && !roots.includes(type));
}

export const hasId = (type: GraphQLObjectType): boolean => 'id' in type.getFields();

export const isConnection = (type: GraphQLObjectType): boolean => type.name.endsWith('Connection');

export type Connection = {
  readonly typeName: string;
  readonly field: string;
  readonly keyArgs: readonly string[];
  readonly type: string;
  readonly edgeType: string;
};

/** The fields that return Relay's connections, each with the arguments that distinguish its lists. */
export function findConnections(schema: GraphQLSchema): readonly Connection[] {
  const query = schema.getQueryType();
  return [...(query ? [query] : []), ...findObjectTypes(schema)].flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => isConnectionField(field))
      .map((field) => ({
        typeName: type.name,
        field: field.name,
        keyArgs: field.args.map(({ name }) => name).filter((name) => !PAGING.has(name)),
        type: getNamedType(field.type).name,
        edgeType: readEdgeType(field),
      })),
  );
}

/** The types without an id of which each owner has exactly one, such as a video's assets. */
export function findParts(schema: GraphQLSchema): readonly string[] {
  const query = schema.getQueryType();
  const parts = new Set<GraphQLObjectType>();
  const collect = (owner: GraphQLObjectType): void => {
    for (const field of Object.values(owner.getFields())) {
      const type = getNamedType(field.type);
      if (!isObjectType(type) || isListType(getNullableType(field.type))) continue;
      if (hasId(type) || isConnection(type) || parts.has(type)) continue;
      parts.add(type);
      collect(type);
    }
  };
  if (query) collect(query);
  for (const type of findObjectTypes(schema)) if (hasId(type)) collect(type);
  return [...parts].map(({ name }) => name).sort();
}

function readEdgeType(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  const edges = isObjectType(type) ? type.getFields().edges : undefined;
  if (!edges) throw new Error(`${field.name} returns ${type.name}, which has no field "edges".`);
  return getNamedType(edges.type).name;
}

function isConnectionField(field: GraphQLField<unknown, unknown>): boolean {
  const type = getNamedType(field.type);
  return isObjectType(type) && isConnection(type) && field.args.some(({ name }) => PAGING.has(name));
}
