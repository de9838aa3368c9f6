// Limits the size of a document before it is parsed. Deeper nesting than the schema needs could exhaust the stack of the
// parser, or of a validation rule.
import { GraphQLError, Lexer, parse, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A call with 1,000 inline ids has 1,020 tokens. */
const MAX_TOKENS = 15_000;
/** Nested brackets of any kind; GraphiQL's introspection has 13 levels. */
const MAX_NESTING = 50;
const MAX_LINES = 15_000;
/** Of names and numbers. Strings may be longer. */
const MAX_WORD = 1_000;
/**
 * For each error graphql-js counts the lines before it, and an answer may have an error for each of thousands of ids. So
 * the errors of a document with more lines name no location.
 */
const MAX_LINES_WITH_LOCATIONS = 500;

/** Refuses documents with too many tokens or lines, too long words, or too deeply nested brackets. */
export function useDocumentSize(): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((text: string | Source, options) => {
        const source = typeof text === 'string' ? new Source(text) : text;
        const lines = countLines(source);
        assertSize(source);
        return parse(source, { ...options, noLocation: lines > MAX_LINES_WITH_LOCATIONS });
      });
    },
  };
}

const OPENING = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

const WORDS = new Set<TokenKind>([TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT]);

/** Counts them before the lexer does, which holds each line of a block string. */
function countLines(source: Source): number {
  const ends = /\r\n|[\n\r]/g;
  let lines = 1;
  for (let end = ends.exec(source.body); end; end = ends.exec(source.body)) {
    lines += 1;
    if (lines > MAX_LINES)
      throw createSizeError(source, end.index, `at most ${MAX_LINES} lines, and got more`);
  }
  return lines;
}

function assertSize(source: Source): void {
  const lexer = new Lexer(source);
  let tokens = 0;
  let nesting = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1;
    if (tokens > MAX_TOKENS) {
      throw createSizeError(source, token.start, `at most ${MAX_TOKENS} tokens, and got more`);
    }
    if (WORDS.has(token.kind) && token.end - token.start > MAX_WORD) {
      const what = `names and numbers of at most ${MAX_WORD} characters, and got a longer one`;
      throw createSizeError(source, token.start, what);
    }
    if (OPENING.has(token.kind)) nesting += 1;
    if (CLOSING.has(token.kind)) nesting -= 1;
    if (nesting > MAX_NESTING) {
      throw createSizeError(
        source,
        token.start,
        `at most ${MAX_NESTING} levels of nested brackets, and got more`,
      );
    }
  }
}

function createSizeError(source: Source, position: number, what: string): GraphQLError {
  return new GraphQLError(`Expected a document of ${what}.`, {
    source,
    positions: [position],
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { spec: true, status: 400 } },
  });
}
