// The members of a request that the gateway reads: the four that GraphQL over HTTP defines. It ignores others, as GraphQL
// servers do, unless one of them may be the variables under a wrong name.
import type { GraphQLParams } from 'graphql-yoga';
import { quoteGiven } from './quote-given.ts';
import { createRequestError } from './refuse.ts';

/**
 * Null and an empty text are the same as nothing, as tools for APIs send them.
 *
 * @throws {GraphQLError} for a member of the wrong type.
 */
export function toParams({
  query,
  operationName,
  variables,
  extensions,
  ...others
}: Record<string, unknown>) {
  const params: GraphQLParams = {};
  if (!isAbsent(query)) params.query = assertText('query', query);
  if (!isAbsent(operationName)) params.operationName = assertText('operationName', operationName);
  if (!isAbsent(variables)) params.variables = assertObject('variables', variables);
  else assertNoVariables(others);
  if (!isAbsent(extensions)) params.extensions = assertObject('extensions', extensions);
  return params;
}

const isAbsent = (value: unknown) => value === undefined || value === null || value === '';

/** Without its variables, a mutation may take defaults that its caller has not chosen. */
function assertNoVariables(others: Record<string, unknown>): void {
  const [found] = Object.entries(others).find(([, value]) => isFilled(value)) ?? [];
  if (found === undefined) return;
  throw createRequestError(
    `Expected variables in the member "variables", and got an object or a list in the member ${quoteGiven(found)}.`,
  );
}

/** An empty object or list hides no variables. */
const isFilled = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function assertText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw createRequestError(`Expected a string in the member "${name}", and got another value.`);
}

function assertObject(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw createRequestError(`Expected an object in the member "${name}", and got another value.`);
}
