// Limits the size of a document before it is parsed. Deeper nesting than the schema needs could exhaust the stack of the
// parser, or of a validation rule.
import { GraphQLError, Lexer, parse, Source, type Token, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A call with 1,000 inline ids has 1,020 tokens. */
const MAX_TOKENS = 15_000;
/** Nested brackets of any kind; GraphiQL's introspection has 13 levels. */
const MAX_NESTING = 50;
/** graphql-js counts the lines before each error to report its position, which is slow for many lines and errors. */
const MAX_LINES = 15_000;

/** Refuses documents with too many tokens or lines, or with too deeply nested brackets. */
export function useDocumentSize(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((text: string | Source, options) => {
        const source = typeof text === 'string' ? new Source(text) : text;
        assertSize(source);
        return parse(source, options);
      });
    },
  };
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

function assertSize(source: Source): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let nesting = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    if (tokens > MAX_TOKENS) {
      throw createSizeError(source, token, `at most ${MAX_TOKENS} tokens, and got more`);
    }
    if (token.line > MAX_LINES) {
      throw createSizeError(source, token, `at most ${MAX_LINES} lines, and got more`);
    }
    if (OPENING.has(token.kind)) nesting += 1;
    if (CLOSING.has(token.kind)) nesting -= 1;
    if (nesting > MAX_NESTING) {
      throw createSizeError(source, token, `at most ${MAX_NESTING} levels of nested brackets, and got more`);
    }
  }
}

function createSizeError(source: Source, { start }: Token, what: string): GraphQLError {
  return new GraphQLError(`Expected a document of ${what}.`, {
    source,
    positions: [start],
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { spec: true, status: 400 } },
  });
}
