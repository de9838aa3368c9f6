// A cache of parsed documents, limited by the length of their text: a thousand documents as large as the limits allow would
// fill the memory.
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** The densest documents take about 250 bytes of memory per character. */
const MAX_CHARACTERS = 500_000;

/** For Yoga, whose own cache counts documents, not characters. */
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
