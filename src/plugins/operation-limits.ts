// What one document may ask for. It is counted before the rules of GraphQL look at it, since the time of some of them
// grows with the square of what they compare.
import { type DocumentNode, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { measureDocument, type Size } from './operation-size.ts';

/** Of an operation, or of a fragment, with the fragments in it unfolded. */
const LIMITS: readonly { of: keyof Size; max: number; what: string }[] = [
  // GraphiQL's introspection has exactly that; the deepest field of the schema is the sixth.
  { of: 'depth', max: 15, what: 'levels of nested fields' },
  { of: 'rootFields', max: 100, what: 'root fields' },
  { of: 'aliases', max: 100, what: 'aliases' },
  { of: 'fields', max: 1000, what: 'fields' },
  { of: 'directives', max: 5, what: 'directives at one location' },
];
const MAX_DEFINITIONS = 100;

/**
 * Refuses documents that ask for too much, and says for each limit what was expected and what came. `__typename` and
 * introspection count like anything else.
 */
export function useOperationLimits(): Plugin {
  // Documents that come again are the same object.
  const known = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  return {
    onValidate({ params: { documentAST }, setResult }) {
      const excesses = known.get(documentAST) ?? findExcesses(documentAST);
      known.set(documentAST, excesses);
      if (excesses.length > 0) setResult([...excesses]);
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
  // A fragment that is too large makes everything too large that spreads it.
  return excesses.slice(0, LIMITS.length);
}
