// Bounds what an answer reports of a wrong document or of wrong variables: how many errors, and how much of each. It does
// not decide what is wrong: graphql-js does.
import { GraphQLError, getOperationAST, getVariableValues, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { eachValue } from './variables-size.ts';

/** Errors of one document, or of its variables. Each costs time that grows with the document. */
const MAX_ERRORS = 20;
/** A message quotes what is wrong, which may be a megabyte. */
const MAX_MESSAGE = 1_000;
/** If the strings of the variables have more characters, only the first error is reported: each quotes them anew. */
const MAX_QUOTED = 100_000;

/**
 * @param options - `hideSuggestions` leaves "Did you mean" out of errors: it would reveal names of a schema that callers
 *   may not read.
 */
export function useReportedErrors({ hideSuggestions }: { readonly hideSuggestions: boolean }): Plugin {
  return {
    onParse:
      () =>
      ({ result, replaceParseResult }) => {
        if (result instanceof GraphQLError) replaceParseResult(shorten(result));
      },
    onValidate({ setValidationFn }) {
      // Omits the other arguments on purpose: envelop passes them in the order of graphql 15.
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { hideSuggestions, maxErrors: MAX_ERRORS }).map(shorten),
      );
    },
    onExecute({ args: { schema, document, operationName, variableValues = {} }, setResultAndStopExecution }) {
      // Before the executor, which reports up to fifty, suggests names whatever its options, and quotes values whole.
      const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
      const read = (options: { maxErrors: number; hideSuggestions: boolean }) =>
        getVariableValues(schema, definitions, variableValues, options).errors;
      const first = read({ maxErrors: 1, hideSuggestions: true });
      if (!first) return;
      const errors = isLarge(variableValues)
        ? first
        : (read({ maxErrors: MAX_ERRORS, hideSuggestions }) ?? first);
      setResultAndStopExecution({
        errors: errors.map(shorten).map((error) => copy(error, error.message, REFUSED)),
      });
    },
  };
}

function isLarge(variables: unknown): boolean {
  let characters = 0;
  for (const value of eachValue(variables)) {
    if (typeof value === 'string') characters += value.length;
    if (characters > MAX_QUOTED) return true;
  }
  return false;
}

/** As for a document that fails validation: 400, or 200 for clients that accept only application/json. */
const REFUSED = { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } };

function shorten(error: GraphQLError): GraphQLError {
  const { message, extensions } = error;
  return message.length > MAX_MESSAGE ? copy(error, `${message.slice(0, MAX_MESSAGE)}…`, extensions) : error;
}

function copy(
  { nodes, source, positions, originalError }: GraphQLError,
  message: string,
  extensions: object,
) {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions },
  });
}
