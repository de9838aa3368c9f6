import { getOperationAST, getVariableValues, validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** As many as an executor tells by itself: a list can hold hundreds of thousands of wrong values. */
const MAX_ERRORS = 50;

/** Leaves "Did you mean" out of errors: it would tell the names of a schema that is not to be read. */
export function useHiddenSuggestions(): Plugin {
  return {
    onValidate({ setValidationFn }) {
      // The rest is left out on purpose: envelop passes it in the order of graphql 15.
      setValidationFn((schema, document, rules) =>
        validate(schema, document, rules, { hideSuggestions: true }),
      );
    },
    onExecute({ args }) {
      return {
        // Without data: the variables were wrong. Yoga's executor suggests names of enums whatever it is told; graphql-js
        // finds the same faults.
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
