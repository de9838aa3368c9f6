import { getOperationAST, getVariableValues, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** The executor's own limit: a list can hold hundreds of thousands of wrong values. */
const MAX_ERRORS = 50;

/** Leaves "Did you mean" out of errors: it would reveal names of a schema that callers may not read. */
export function useHiddenSuggestions(): Plugin {
  return {
    onValidate({ setValidationFn }) {
      // Omits the other arguments on purpose: envelop passes them in the order of graphql 15.
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { hideSuggestions: true }),
      );
    },
    onExecute({ args }) {
      return {
        // No data means that the variables were wrong. Yoga's executor suggests enum names whatever its options;
        // graphql-js finds the same faults.
        onExecuteDone({ result, setResult }) {
          if (!('errors' in result) || result.data !== undefined) return;
          const { schema, document, operationName, variableValues = {} } = args;
          const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
          const { errors } = getVariableValues(schema, definitions, variableValues, {
            hideSuggestions: true,
            maxErrors: MAX_ERRORS,
          });
          if (errors) setResult({ errors });
        },
      };
    },
  };
}
