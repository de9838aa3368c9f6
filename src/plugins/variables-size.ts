// Limits the variables before GraphQL reads them: that takes far longer for each value and each key than to parse the JSON,
// and every error quotes the object around it. It does not look at types: graphql-js does.
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const MAX_VARIABLES = 1_000;
/** Of one object. The largest input type of the schema has a fifth of that. */
const MAX_FIELDS = 50;
/** A longer name would be compared with every name that it might stand for. */
const MAX_NAME = 1_000;
/** Items of lists and fields of objects, at any depth, but for long lists that may be of ids. */
export const MAX_VALUES = 50_000;
/** Of a shorter list of ids, graphql-js takes a millisecond, and quotes what is wrong. */
export const LONG_LIST = 1_000;

/**
 * Refuses variables with too many values, or with objects that no input type looks like.
 *
 * @param mostIds - how many ids a request may name.
 */
export function useVariablesSize(mostIds: number): Plugin {
  return {
    onParams({ params: { variables } }) {
      const limit = findExceeded(variables, Math.max(MAX_VALUES, mostIds));
      if (limit !== undefined) throw createExceededError(limit);
    },
    // By now, `id-lists.ts` has taken the lists of ids out: what is still as long is something else.
    onExecute({ args: { variableValues }, setResultAndStopExecution }) {
      const limit = findExceeded(variableValues, 0);
      if (limit !== undefined) setResultAndStopExecution({ errors: [createExceededError(limit)] });
    },
  };
}

function createExceededError(limit: string): GraphQLError {
  return new GraphQLError(`Expected ${limit}, and got more.`, {
    extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
  });
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

function findExceeded(variables: unknown, mostIds: number): string | undefined {
  let values = 0;
  let ids = 0;
  const waiting: unknown[] = [variables];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    const names = Array.isArray(value) ? [] : Object.keys(value);
    if (value === variables) {
      if (names.length > MAX_VARIABLES) return `at most ${MAX_VARIABLES} variables`;
    } else if (names.length > MAX_FIELDS) return `objects of at most ${MAX_FIELDS} fields in the variables`;
    if (names.some(({ length }) => length > MAX_NAME))
      return `names of at most ${MAX_NAME} characters in the variables`;
    values += Array.isArray(value) ? value.length : names.length;
    if (values > MAX_VALUES) return `variables of at most ${MAX_VALUES} values`;
    for (const inside of Object.values(value)) {
      // What contains nothing is counted by now: a long list would take far longer if each of its items waited.
      if (typeof inside !== 'object' || inside === null) continue;
      if (value === variables && mostIds > 0 && isLongList(inside)) ids += inside.length;
      else waiting.push(inside);
    }
    if (ids > mostIds) return `variables of at most ${mostIds} values in long lists`;
  }
  return undefined;
}

/** Whether it may be a list of ids that graphql-js would take too long for. */
export function isLongList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > LONG_LIST && value.every(isPlain);
}

const isPlain = (value: unknown) => typeof value !== 'object' || value === null;
