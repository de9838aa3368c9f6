import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Refuses bodies of more than `limit` bytes. Yoga's own limit counts every body in a stream. With a content-length that is
 * unnecessary, because Node.js delivers no more bytes than that.
 */
export function useBodyLimit(limit: number): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length');
      if (Number(length ?? 0) > limit) throw createTooLargeError(limit);
      if (length !== null || !request.body || !requestParser) return;
      setRequestParser(async ({ url, method, headers, body }) =>
        requestParser(new fetchAPI.Request(url, { method, headers, body: await readWithin(limit, body) })),
      );
    },
  };
}

async function readWithin(
  limit: number,
  body: ReadableStream<Uint8Array> | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Not `for await`: leaving it early would cancel the stream, and with it the socket that the refusal needs.
  const reader = body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    bytes += next.value.byteLength;
    if (bytes > limit) throw createTooLargeError(limit);
    chunks.push(next.value);
  }
  return Buffer.concat(chunks, bytes);
}

function createTooLargeError(limit: number): GraphQLError {
  return new GraphQLError(
    `Expected a request body of at most ${limit} bytes, and got a larger one. Split the call.`,
    {
      extensions: { code: 'REQUEST_ENTITY_TOO_LARGE', http: { status: 413 } },
    },
  );
}
