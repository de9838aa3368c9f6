// The HTTP server in front of the gateway. It limits how long a slow client can hold a connection.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client may take, in milliseconds. */
export type ClientTimeouts = {
  /** From the connection, or the previous answer, to the last header. */
  readonly headersMs: number;
  /** To the last byte of the body. */
  readonly requestMs: number;
  /** Without reading a byte of an answer, which waits in memory. */
  readonly answerMs: number;
  /** Between an answer and the next request on its connection; longer than proxies keep one, often a minute. */
  readonly idleMs: number;
  /** Between two checks of the other limits; they can be exceeded by this much. */
  readonly checkMs: number;
};

export const DEFAULT_TIMEOUTS: ClientTimeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  idleMs: 65_000,
  checkMs: 1000,
};
/** All header names and values of one request: room for a token of a few kilobytes and the headers that proxies add. */
const MAX_HEADER_BYTES = 16 * 1024;

/** The limits apply to the client only: producing an answer may take any time. */
export function createHttpServer(
  handle: RequestListener,
  { headersMs, requestMs, answerMs, idleMs, checkMs }: ClientTimeouts = DEFAULT_TIMEOUTS,
): Server {
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: idleMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    handle,
  );
  // Before the handler, which may answer at once.
  server.prependListener('request', (_request, response) => {
    response.once('prefinish', () => response.setTimeout(answerMs));
    // A pipelined request has its own limits. If there is none, Node.js sets `idleMs` after this.
    response.prependOnceListener('finish', () => response.setTimeout(0));
  });
  return server;
}

/**
 * Returns a function that closes all connections on which no byte has arrived. Browsers and proxies open some in advance,
 * and Node.js does not count those as idle.
 */
export function watchUnused(server: Server): () => void {
  const unused = new Set<Socket>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  return () => {
    for (const socket of unused) if (socket.bytesRead === 0) socket.destroy();
  };
}
