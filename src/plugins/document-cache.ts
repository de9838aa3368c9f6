// Documents that were parsed, kept for when they come again. Counted by the length of their text: a thousand documents as
// large as the limits allow would fill the memory.
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** The densest documents take some 250 bytes for each. */
const MAX_CHARACTERS = 500_000;

/** For yoga, whose own counts documents. */
export function createDocumentCache() {
  return {
    documentCache: new LRUCache<string, DocumentNode>({
      maxSize: MAX_CHARACTERS,
      sizeCalculation: (_document, text) => text.length + 1,
    }),
    errorCache: new LRUCache<string, object>({
      maxSize: MAX_CHARACTERS,
      sizeCalculation: (_error, text) => text.length + 1,
    }),
  };
}
