// The gateway as a request listener of Node.js. It sends the answers itself, piece by piece: an answer that its client does
// not read costs its bytes, compressed if the client accepts that, and nothing else. It uses no connection again on which the
// rest of a body may still come.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { toSentBody } from './plugins/compression.ts';
import { LiveStream } from './plugins/live-stream.ts';
import type { Placed } from './plugins/max-requests.ts';
import type { Place } from './plugins/places.ts';
import { SECURITY_HEADERS } from './plugins/security-headers.ts';

/** A client makes no progress until it has taken a whole piece. */
const PIECE_BYTES = 64 * 1024;
/** How much of a refused body is read, and for how long, so that its client can read the answer before the end. */
const LINGER_BYTES = 16 * 1024 * 1024;
const LINGER_MS = 2_000;

/** Answers a request, and records its place in the context. */
export type Respond = (
  request: IncomingMessage,
  response: ServerResponse,
  context: Placed,
) => Response | Promise<Response>;

type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body, a part of it after the other, or a stream of results. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | LiveStream;
  readonly place: Place | undefined;
};

/** @param logger - logs why an answer could not be produced or sent. */
export function createNodeHandler(respond: Respond, logger: Logger): RequestListener {
  const latest = new WeakMap<Socket, IncomingMessage>();
  const ending = new WeakSet<Socket>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    latest.set(socket, request);
    const produced = await produce(respond, request, response);
    // Node.js may be in the middle of what has arrived. Usually that is the whole body.
    if (!request.complete) await new Promise(setImmediate);
    const { headers } = produced;
    if (!request.complete) headers.set('connection', 'close');
    // The client has sent another request already, whose answer comes after this one.
    else if (latest.get(socket) !== request) headers.delete('connection');
    if (headers.get('connection') === 'close') ending.add(socket);
    await send(produced, request, response);
  }

  return (request, response) => {
    // The connection ends with an answer on its way, so nobody would see what this request did.
    if (ending.has(request.socket)) return;
    answer(request, response).catch((error: unknown) => {
      // The client's departure is no fault.
      if (response.destroyed) return;
      logger.error({ err: error }, 'an answer could not be sent');
      request.socket.destroy();
    });
  };
}

/** A function of its own, so that nothing keeps the answer's text or the context of the request while the bytes wait. */
async function produce(
  respond: Respond,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  if (!hasReadableAddress(request)) {
    return { status: 400, headers: new Headers(SECURITY_HEADERS), body: Buffer.alloc(0), place: undefined };
  }
  const context: Placed = { req: request, res: response };
  const answer = await respond(request, response, context);
  const { status, headers } = answer;
  if (context.stream) return { status, headers, body: context.stream, place: context.place };
  // Yoga does not know the length of a stream, nor of a body that is none.
  const body = headers.has('content-length') ? await answer.bytes() : (answer.body ?? Buffer.alloc(0));
  if (!(body instanceof Uint8Array)) return { status, headers, body, place: context.place };
  const sent = await toSentBody(body, headers, request.headers['accept-encoding']);
  return { status, headers, body: sent, place: context.place };
}

/**
 * Host and target are joined into one URL, so each must be a part of its own: a path in Host would take the place of the
 * path that a proxy has seen. The same goes for a second Host, which another program may read instead.
 */
function hasReadableAddress({ headersDistinct: { host = [] }, url }: IncomingMessage): boolean {
  const [name = ''] = host;
  return (
    host.length === 1 &&
    !/[\s/?#@\\]/.test(name) &&
    Boolean(url?.startsWith('/')) &&
    URL.canParse(`http://${name}${url}`)
  );
}

async function send(answer: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body, place } = answer;
  const close = () => request.socket.resetAndDestroy();
  response.setHeaders(headers);
  // Otherwise Node.js would send pieces, and a client would wait for the last one.
  if (body instanceof Uint8Array && !headers.has('content-length') && status !== 204 && status !== 304) {
    response.setHeader('content-length', body.byteLength);
  }
  if (request.complete && body instanceof Uint8Array && body.byteLength <= PIECE_BYTES) {
    response.writeHead(status);
    place?.wait(body.byteLength, close);
    response.end(body.byteLength > 0 ? body : undefined);
    return;
  }
  response.writeHead(status);
  response.flushHeaders();
  if (body instanceof LiveStream) {
    sendStream(body, response, place, close);
    return;
  }
  await pipeline(toPieces(body, place, close), response, { end: false });
  if (!request.complete) {
    place?.leave();
    await linger(request);
  }
  place?.wait(response.writableLength, close);
  response.end();
}

/** Writes each result at once, and waits if the client does not take what is written. */
function sendStream(
  stream: LiveStream,
  response: ServerResponse,
  place: Place | undefined,
  close: () => void,
): void {
  response.on('drain', () => {
    place?.proceed();
    stream.resume();
  });
  stream.open({
    isFull: () => response.writableNeedDrain,
    write(bytes) {
      // The client has left: whatever is written then would be an error.
      if (response.destroyed) return;
      if (!response.write(bytes)) place?.wait(response.writableLength, close);
    },
    close: () => response.end(),
  });
}

async function* toPieces(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  place: Place | undefined,
  close: () => void,
) {
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    for (let start = 0; start < chunk.byteLength; start += PIECE_BYTES) {
      place?.wait(chunk.byteLength, close);
      yield chunk.subarray(start, start + PIECE_BYTES);
    }
    // The client has taken all there is: a stream that is open and silent keeps nobody waiting.
    place?.proceed();
  }
}

/** Takes the rest of a body and throws it away. Closing at once would make the client's system discard the answer. */
async function linger(request: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LINGER_MS);
  let bytes = 0;
  // Not 'data', which brings nothing if another reader has stopped in the middle.
  request.on('readable', () => {
    for (let chunk = request.read(); chunk !== null; chunk = request.read()) bytes += chunk.length;
    if (bytes > LINGER_BYTES) resolve();
  });
  request.once('end', resolve).once('close', resolve);
  await promise;
  clearTimeout(timer);
}
