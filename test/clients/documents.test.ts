// The shipped documents as clients with a normalised cache need them.
import { addTypenameToDocument } from '@apollo/client/utilities';
import { formatDocument } from '@urql/core';
import { type DocumentNode, Kind, print, visit } from 'graphql';
import { expect, test } from 'vitest';
import * as client from '../../src/clients/index.ts';

const isDocument = (value: unknown): value is DocumentNode =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT;

const documents = Object.entries<unknown>(client).flatMap(([name, each]): [string, DocumentNode][] =>
  isDocument(each) ? [[name, each]] : [],
);

/** The selections without `__typename`, those of an operation itself apart: each by its first line. */
function findUntyped(document: DocumentNode): readonly string[] {
  const untyped: string[] = [];
  visit(document, {
    SelectionSet(node, _key, parent) {
      const owner = parent && !('length' in parent) ? parent : undefined;
      if (owner?.kind === Kind.OPERATION_DEFINITION) return;
      const isTyped = node.selections.some(
        (selection) => selection.kind === Kind.FIELD && selection.name.value === '__typename',
      );
      if (!isTyped) untyped.push(owner ? (print(owner).split('\n')[0] ?? '') : '');
    },
  });
  return untyped;
}

test.each(documents)('each selection of %s has the type of its object', (_name, document) => {
  expect(findUntyped(document)).toEqual([]);
});

test('Apollo Client and urql send the documents as they are shipped, so that a manifest of them holds', () => {
  expect(documents.length).toBeGreaterThan(10);
  for (const [name, document] of documents) {
    expect(print(addTypenameToDocument(document)), name).toBe(print(document));
    const formatted: unknown = formatDocument(document);
    expect(isDocument(formatted) && print(formatted), name).toBe(print(document));
  }
});
