// Limits what one document may select. This runs before GraphQL's own validation rules, because the time that some of them
// take grows with the square of the document's size.
import { type DocumentNode, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { measureDocument, type Size } from './operation-size.ts';

/** Limits for an operation or a fragment, with all fragments in it expanded. */
const LIMITS: readonly { of: keyof Size; max: number; what: string }[] = [
  // GraphiQL's introspection has exactly 15 levels; the schema's own fields have at most six.
  { of: 'depth', max: 15, what: 'levels of nested fields' },
  { of: 'rootFields', max: 100, what: 'root fields' },
  { of: 'aliases', max: 100, what: 'aliases' },
  { of: 'fields', max: 1000, what: 'fields' },
  { of: 'directives', max: 5, what: 'directives at one location' },
];
const MAX_DEFINITIONS = 100;

/**
 * Refuses documents that exceed a limit, with an error for each limit. `__typename` and introspection fields count like
 * any other.
 */
export function useOperationLimits(): Plugin {
  return {
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((schema, document, ...rest) => {
        const excesses = findExcesses(document);
        return excesses.length > 0 ? excesses : validateFn(schema, document, ...rest);
      });
    },
  };
}

function findExcesses(document: DocumentNode): readonly GraphQLError[] {
  const { length } = document.definitions;
  if (length > MAX_DEFINITIONS) {
    return [
      new GraphQLError(
        `Expected at most ${MAX_DEFINITIONS} operations and fragments in a document, and got ${length}.`,
      ),
    ];
  }
  const excesses = measureDocument(document).flatMap(({ definition, size }) =>
    LIMITS.filter(({ of, max }) => size[of] > max).map(
      ({ of, max, what }) =>
        new GraphQLError(`Expected at most ${max} ${what}, and got ${size[of]}.`, { nodes: definition }),
    ),
  );
  // A fragment that is too large makes every definition that spreads it too large: the first few errors are enough.
  return excesses.slice(0, LIMITS.length);
}
