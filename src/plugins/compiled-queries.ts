// Queries that come again and again are compiled to JavaScript, which runs a page of videos in a third of the time. It
// never touches a mutation, and never what would take long to compile: that goes on as it is.
import {
  type DocumentNode,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type Source,
} from 'graphql';
import type { CompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';

/** So often a document has to come before it is worth the milliseconds that compiling takes. */
const WORTH_AFTER = 10;
/** Fields of an operation with its fragments unfolded: compiling takes a time, and makes a text, in proportion to them. */
const MAX_FIELDS = 500;
/**
 * Fields of Query with items that fail one by one. graphql-jit 0.8.9 puts the null of such an item at the end of the list
 * as it is then, and so under another id. It also loses fields where @skip and @include meet, and the key `__proto__`:
 * what has directives, or aliases of that kind, is interpreted.
 */
const NEVER_COMPILED = new Set(['nodes']);

type Compiled = Pick<CompiledQuery, 'query'>;
/** How often a document came, or what was made of it; `false` where it is left to the interpreter. */
type Entry = { runs: number; compiled: Compiled | false | undefined };

/** Compiles hot queries with graphql-jit, which is loaded for the first of them. Documents are told apart by identity. */
export function useCompiledQueries(logger: Logger): Plugin {
  const entries = new WeakMap<DocumentNode, Map<string, Entry>>();

  function find(document: DocumentNode, operationName: string): Entry {
    const known = entries.get(document) ?? new Map<string, Entry>();
    entries.set(document, known);
    const entry = known.get(operationName) ?? { runs: 0, compiled: undefined };
    known.set(operationName, entry);
    return entry;
  }

  return {
    onExecute({ args, setExecuteFn }) {
      const { document, schema, operationName } = args;
      const operation = getOperationAST(document, operationName);
      if (operation?.operation !== 'query') return;
      const entry = find(document, operation.name?.value ?? '');
      entry.runs += 1;
      if (entry.compiled) {
        const { query } = entry.compiled;
        // graphql-js reads the variables: graphql-jit misses defaults inside of input objects, and words errors its own way.
        const { coerced } = getVariableValues(
          schema,
          operation.variableDefinitions ?? [],
          args.variableValues ?? {},
          // Which they are is told by the interpreter, and there may be one for each item of a long list.
          { maxErrors: 1 },
        );
        if (!coerced) return;
        setExecuteFn(async ({ rootValue, contextValue }) =>
          withPlaces(await query(rootValue, contextValue, coerced), document.loc?.source),
        );
      } else if (entry.runs === WORTH_AFTER) {
        entry.compiled = false;
        if (!isFit(document, operation)) return;
        // This run need not wait for it.
        compile(schema, document, operation).then(
          (compiled) => {
            entry.compiled = compiled;
          },
          (error: unknown) => logger.warn({ err: error }, 'a query could not be compiled; it is interpreted'),
        );
      }
    },
  };
}

/** Its errors as graphql-js makes them, which know their place in the document by themselves. */
function withPlaces(
  result: ExecutionResult | FormattedExecutionResult,
  source: Source | undefined,
): ExecutionResult {
  const data = result.data ?? null;
  if (!result.errors) return { data };
  const errors = result.errors.map((error) => {
    const { message, path, locations = [] } = error;
    return new GraphQLError(message, {
      source,
      positions: source && locations.map(({ line, column }) => toPosition(source, line, column)),
      path,
      originalError: error instanceof GraphQLError ? error.originalError : undefined,
    });
  });
  return { data, errors };
}

function toPosition({ body }: Source, line: number, column: number): number {
  const lines = body.split(/(?<=\r\n|\n|\r(?!\n))/);
  return lines.slice(0, line - 1).join('').length + column - 1;
}

async function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Promise<Compiled | false> {
  const { compileQuery, isCompiledQuery } = await import('graphql-jit');
  const compiled = compileQuery(schema, document, operation.name?.value);
  return isCompiledQuery(compiled) && compiled;
}

/** Fragments are unfolded wherever they are spread, so that few lines can mean very many fields. */
function isFit(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition.selectionSet]] : [],
    ),
  );
  let left = MAX_FIELDS;
  const isSetFit = (set: SelectionSetNode | undefined, ofQuery: boolean): boolean =>
    (set?.selections ?? []).every((selection) => {
      left -= 1;
      if (left < 0 || selection.directives?.length) return false;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        return isSetFit(fragments.get(selection.name.value), ofQuery);
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) return isSetFit(selection.selectionSet, ofQuery);
      const isKnownToFail =
        (ofQuery && NEVER_COMPILED.has(selection.name.value)) || selection.alias?.value.startsWith('__');
      return !isKnownToFail && isSetFit(selection.selectionSet, false);
    });
  return isSetFit(operation.selectionSet, true);
}
