// Limits the variables before GraphQL reads them: that takes far longer for each value and each key than to parse the JSON,
// and every error quotes the object around it. It does not look at types: graphql-js does.
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const MAX_VARIABLES = 1_000;
/** Of one object. The largest input type of the schema has a fifth of that. */
const MAX_FIELDS = 50;
/** A longer name would be compared with every name that it might stand for. */
const MAX_NAME = 1_000;
/** Items of lists and fields of objects, at any depth. */
const MAX_VALUES = 50_000;

/**
 * Refuses variables with too many values, or with objects that no input type looks like.
 *
 * @param quota - how many ids all fields may name, if that takes more values.
 */
export function useVariablesSize(quota: number): Plugin {
  const maxValues = Math.max(MAX_VALUES, quota + MAX_VARIABLES);
  return {
    onParams({ params: { variables } }) {
      const limit = findExceeded(variables, maxValues);
      if (limit === undefined) return;
      throw new GraphQLError(`Expected ${limit}, and got more.`, {
        extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
      });
    },
  };
}

/** Every value in it, and itself: objects and lists before what they contain. */
export function* eachValue(root: unknown): Generator<unknown, void> {
  // A list instead of recursion: JSON may nest half a million levels.
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    yield value;
    if (typeof value !== 'object' || value === null) continue;
    for (const inside of Object.values(value)) waiting.push(inside);
  }
}

function findExceeded(variables: unknown, maxValues: number): string | undefined {
  let values = 0;
  for (const value of eachValue(variables)) {
    if (typeof value !== 'object' || value === null) continue;
    const names = Array.isArray(value) ? [] : Object.keys(value);
    if (value === variables) {
      if (names.length > MAX_VARIABLES) return `at most ${MAX_VARIABLES} variables`;
    } else if (names.length > MAX_FIELDS) return `objects of at most ${MAX_FIELDS} fields in the variables`;
    if (names.some(({ length }) => length > MAX_NAME))
      return `names of at most ${MAX_NAME} characters in the variables`;
    values += Array.isArray(value) ? value.length : names.length;
    if (values > maxValues) return `variables of at most ${maxValues} values`;
  }
  return undefined;
}
