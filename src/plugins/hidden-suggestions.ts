import { validate } from 'graphql';
import type { Plugin } from 'graphql-yoga';

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
      Object.assign(args, { hideSuggestions: true });
    },
  };
}
