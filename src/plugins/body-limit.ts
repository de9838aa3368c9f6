import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Placed } from './max-requests.ts';

/** A client that sends less keeps its turn among those that keep the gateway waiting. */
const PROGRESS_BYTES = 64 * 1024;

/**
 * Reads the body, and refuses one of more than `limit` bytes. While it arrives, its client keeps the gateway waiting, and
 * may lose its place to another.
 */
export function useBodyLimit(limit: number): Plugin<object, Placed> {
  return {
    async onRequestParse({
      request,
      requestParser,
      setRequestParser,
      serverContext: { req, place },
      fetchAPI,
    }) {
      if (Number(request.headers.get('content-length') ?? 0) > limit) throw createTooLargeError(limit);
      if (!request.body || !requestParser) return;
      // Of a body that has arrived, Node.js has buffered all there is, and it does not buffer a large one.
      if (req?.complete) return;
      const loss = new AbortController();
      const wait = (bytes: number) => place?.wait(bytes, () => loss.abort());
      wait(0);
      setRequestParser(async ({ url, method, headers, body }) => {
        const read = await readWithin(limit, body?.getReader(), loss.signal, wait);
        place?.proceed();
        return requestParser(new fetchAPI.Request(url, { method, headers, body: read }));
      });
    },
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function readWithin(
  limit: number,
  reader: Reader | undefined,
  loss: AbortSignal,
  wait: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // Not a list of chunks: each takes some hundred bytes more than it has, and it may have a single one.
  let buffer = Buffer.alloc(0);
  let bytes = 0;
  let reported = -PROGRESS_BYTES;
  // Not `for await`: leaving it early would cancel the stream, and with it the socket that the refusal needs.
  for (;;) {
    if (bytes >= reported + PROGRESS_BYTES) {
      reported = bytes;
      wait(buffer.length);
    }
    const next = await readUnless(loss, reader);
    if (!next || next.done) return buffer.subarray(0, bytes);
    const { value } = next;
    const needed = bytes + value.byteLength;
    if (needed > limit) throw createTooLargeError(limit);
    if (needed > buffer.length) {
      buffer = Buffer.concat([buffer], Math.max(needed, Math.min(2 * buffer.length, limit)));
    }
    buffer.set(value, bytes);
    bytes = needed;
  }
}

/** The next chunk. Fails as soon as the request has lost its place. */
function readUnless(loss: AbortSignal, reader: Reader | undefined) {
  return new Promise<Awaited<ReturnType<Reader['read']>> | undefined>((resolve, reject) => {
    const lose = () => reject(createTooSlowError());
    if (loss.aborted) lose();
    loss.addEventListener('abort', lose, { once: true });
    Promise.resolve(reader?.read())
      .then(resolve, () => reject(createCutError()))
      .finally(() => loss.removeEventListener('abort', lose));
  });
}

function createTooLargeError(limit: number): GraphQLError {
  const message = `Expected a request body of at most ${limit} bytes, and got a larger one. Split the call.`;
  return createError(message, 'REQUEST_ENTITY_TOO_LARGE', 413);
}

function createTooSlowError(): GraphQLError {
  const message = 'Expected the rest of the body sooner, and gave the place to another request. Retry later.';
  return createError(message, 'OVERLOADED', 408);
}

/** Nobody reads it: the client is gone. */
function createCutError(): GraphQLError {
  return createError('Expected the whole body, and the connection ended before.', 'BAD_REQUEST', 400);
}

function createError(message: string, code: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}
