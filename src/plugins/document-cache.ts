// Keeps documents that have passed validation, for when they come again. It keeps nothing of a document that failed:
// anybody can send those without end, and the errors of one take far more memory than its text.
import type { DocumentNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';

/** About 1,500 documents of usual size. */
const MAX_BYTES = 32 * 1024 * 1024;
/** A token with its node takes up to 380 bytes, measured. */
const BYTES_PER_TOKEN = 400;
/** Two for the text, and two for strings that the parser unescapes. */
const BYTES_PER_CHARACTER = 4;

/** Stands in for Yoga's own cache, which keeps failures and counts documents, not bytes. */
export function useDocumentCache(): Plugin {
  const kept = new LRUCache<string, DocumentNode>({ maxSize: MAX_BYTES, sizeCalculation: weigh });
  return {
    onParse({ params: { source }, setParsedDocument }) {
      const document = kept.get(source.toString());
      if (document) setParsedDocument(document);
    },
    onValidate({ params: { documentAST }, setResult }) {
      // Without locations, it is one of the documents of very many lines: too rare to be worth their weight.
      const text = documentAST.loc?.source.body;
      if (text === undefined) return;
      if (kept.peek(text) === documentAST) {
        setResult([]);
        return;
      }
      return ({ valid }) => {
        if (valid) kept.set(text, documentAST);
      };
    },
  };
}

function weigh({ loc }: DocumentNode, text: string): number {
  let tokens = 0;
  // The tokens outweigh all else, and stay as long as the document does.
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens += 1;
  return tokens * BYTES_PER_TOKEN + text.length * BYTES_PER_CHARACTER;
}
