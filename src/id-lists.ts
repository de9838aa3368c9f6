// Takes long lists of ids past graphql-js, which reads them item by item and for each item notes where it is: a tenth of a
// second for 100,000 ids, in which nothing else goes on. It checks them itself, and leaves all other variables alone.
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type FieldNode,
  GraphQLError,
  GraphQLID,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isListType,
  Kind,
  type TypeNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { isLongList, MAX_VALUES } from './plugins/variables-size.ts';

/** The long lists among the variables of a request, by its context. */
const listsOf = new WeakMap<object, ReadonlyMap<string, readonly string[]>>();

/**
 * Replaces long lists of ids in the variables by empty ones. Fields of a schema by `passIdLists` get the lists.
 *
 * Of the plugins that read variables before they are executed, it has to be the first.
 */
export function useIdLists(): Plugin {
  return {
    onExecute({ args, context, setResultAndStopExecution }) {
      const { document, operationName, variableValues } = args;
      const taken = new Map<string, readonly string[]>();
      for (const { variable, type } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
        const name = variable.name.value;
        const value: unknown = isListOfIds(type) ? variableValues?.[name] : undefined;
        if (!isLongList(value)) continue;
        const wrong = value.findIndex((id) => typeof id !== 'string' && !Number.isInteger(id));
        // As graphql-js reads them: texts, and whole numbers.
        if (wrong === -1)
          taken.set(
            name,
            value.map((id) => (typeof id === 'string' ? id : String(id))),
          );
        // If the list is not too long, graphql-js says what is wrong.
        else if (value.length > MAX_VALUES)
          return setResultAndStopExecution({ errors: [createWrongIdError(`${name}[${wrong}]`)] });
      }
      if (taken.size === 0) return;
      const empty = Object.fromEntries([...taken.keys()].map((name) => [name, []]));
      args.variableValues = { ...variableValues, ...empty };
      listsOf.set(context, taken);
    },
  };
}

/**
 * Gives the fields of a schema the lists that `useIdLists` has taken out.
 *
 * @throws {Error} if an input type has a list of ids, which would stay empty.
 */
export function passIdLists(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.INPUT_OBJECT_TYPE]: (type) => {
      for (const [name, field] of Object.entries(type.getFields()))
        if (isIdList(field.type)) throw new Error(`expected no list of ids in ${type.name}, and got ${name}`);
      return undefined;
    },
    [MapperKind.OBJECT_FIELD]: (field) => {
      const names = Object.entries(field.args ?? {}).flatMap(([name, { type }]) =>
        isIdList(type) ? [name] : [],
      );
      if (names.length === 0) return undefined;
      const { resolve = defaultFieldResolver } = field;
      return {
        ...field,
        resolve(source: unknown, args: Record<string, unknown>, context: object, info) {
          const lists = listsOf.get(context);
          const given = lists && find(lists, names, info.fieldNodes[0]);
          return resolve(source, { ...args, ...given }, context, info);
        },
      };
    },
  });
}

/** The lists that a field names as its arguments. */
function find(
  lists: ReadonlyMap<string, readonly string[]>,
  names: readonly string[],
  node: FieldNode | undefined,
): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  for (const { name, value } of node?.arguments ?? []) {
    const list = value.kind === Kind.VARIABLE ? lists.get(value.name.value) : undefined;
    if (list && names.includes(name.value)) found[name.value] = list;
  }
  return found;
}

function isIdList(type: GraphQLInputType): boolean {
  return getNamedType(type) === GraphQLID && isListType(getNullableType(type));
}

/** Whether it is `[ID!]!`, or the same with null instead of it. */
function isListOfIds(type: TypeNode): boolean {
  const list = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  if (list.kind !== Kind.LIST_TYPE || list.type.kind !== Kind.NON_NULL_TYPE) return false;
  const item = list.type.type;
  return item.kind === Kind.NAMED_TYPE && item.name.value === 'ID';
}

function createWrongIdError(place: string): GraphQLError {
  return new GraphQLError(
    `Expected an id, a string or an integer, at "${place}" of the variables, and got another value.`,
    {
      extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
    },
  );
}
