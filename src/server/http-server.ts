// The HTTP server in front of the gateway. It limits how long a slow client can hold a connection.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a client may take, in milliseconds. */
export type ClientTimeouts = {
  /** From the connection, or the previous answer, to the last header. */
  readonly headersMs: number;
  /** To the last byte of the body. */
  readonly requestMs: number;
  /** Without taking a part of what is written for it, which waits in memory. The gateway writes 64 KiB at a time. */
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
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // As soon as somebody reads the body. A request that is refused before is refused without its body.
    request.on('newListener', function proceed(event) {
      if (event !== 'readable' && event !== 'data') return;
      request.off('newListener', proceed);
      if (!response.headersSent) response.writeContinue();
    });
    server.emit('request', request, response);
  });
  closeUnread(server, answerMs, checkMs);
  closeOnError(server);
  return server;
}

/** The status of each error for which Node.js would write one; for all others it is 400. */
const STATUS_OF_ERROR: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Closes a connection on which something came that is no request, or too late. Node.js itself would answer at once with
 * an error, which the client would take for the answer to an earlier request: a deletion that takes place would seem refused.
 */
function closeOnError(server: Server): void {
  const unanswered = new WeakMap<Duplex, Map<ServerResponse, IncomingMessage>>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const responses = unanswered.get(request.socket) ?? new Map();
    unanswered.set(request.socket, responses.set(response, request));
    response.once('close', () => responses.delete(response));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const all = [...(unanswered.get(socket) ?? [])];
    // A request without its whole body is the one that the error is about.
    const owed = all.findLast(([, { complete }]) => complete);
    if (owed) owed[0].once('close', () => socket.destroy());
    else if (socket.writable && all.every(([{ headersSent }]) => !headersSent)) {
      const status = STATUS_OF_ERROR[error.code ?? ''] ?? '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
    } else socket.destroy();
  });
}

/**
 * Closes each connection whose client takes nothing of what is written for it. Time-outs of sockets would not do: Node.js
 * counts what the client sends as progress, and looks at what it takes only once in a whole time-out.
 */
function closeUnread(server: Server, answerMs: number, checkMs: number): void {
  const sockets = new Map<Socket, { taken: number; since: number }>();
  server.on('connection', (socket) => {
    sockets.set(socket, { taken: 0, since: performance.now() });
    socket.once('close', () => sockets.delete(socket));
  });
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [socket, last] of sockets) {
      const taken = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || taken !== last.taken) sockets.set(socket, { taken, since: now });
      // A reset, so that the client does not take the part that it gets for the whole.
      else if (now - last.since >= answerMs) socket.resetAndDestroy();
    }
  }, checkMs);
  server.once('close', () => clearInterval(timer));
  timer.unref();
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
