// The socket in front of the gateway: a client that is slow on purpose holds a connection only so long.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client may take, in milliseconds. */
export type ClientTimeouts = {
  /** From the connection, or the answer before, to the last header. */
  readonly headersMs: number;
  /** To the last byte of the body. */
  readonly requestMs: number;
  /** Without taking a byte of an answer that waits for it whole, and in memory. */
  readonly answerMs: number;
  /** Between an answer and the next request of the same connection; longer than what proxies in front keep, often a minute. */
  readonly idleMs: number;
  /** Between two looks at the clock: so much later it can be noticed. */
  readonly checkMs: number;
};

const DEFAULT_TIMEOUTS: ClientTimeouts = {
  headersMs: 10_000,
  requestMs: 30_000,
  answerMs: 30_000,
  idleMs: 65_000,
  checkMs: 1000,
};
/** Of one request, all names and values: a token of some kilobytes and what proxies add. */
const MAX_HEADER_BYTES = 16 * 1024;

/** For what is slow on the client's side alone: an answer takes as long as it takes. */
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
    // A next request that is waiting already has a patience of its own; where there is none, Node.js sets `idleMs` after this.
    response.prependOnceListener('finish', () => response.setTimeout(0));
  });
  return server;
}

/**
 * Closes the connections on which nothing has come when the function that it answers is called: browsers and proxies open
 * some in advance, and for Node.js those are not idle.
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
