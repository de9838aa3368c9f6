// Sends one request to upstream and reads the whole answer, on a kept-alive connection from the one pool of the gateway.
// It knows no paths, tokens or budgets; it never retries and never follows a redirect.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { type PoolOptions, RenewedPool } from './renewed-pool.ts';
import { Semaphore } from './semaphore.ts';
import { AnswerLostError, NotSentError } from './upstream-errors.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute path with its query, below the base URL. */
  readonly path: string;
  readonly headers: Record<string, string>;
  /** A value to send as JSON. */
  readonly json?: unknown;
};

/** By names in lower case. A header that comes twice has two values, whichever it is. */
export type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** All values of a header in one text, as a proxy joins them. Empty if it did not come. */
export function toText(value: string | string[] | undefined): string {
  return [value ?? ''].flat().join(', ').trim();
}

/** Times are `performance.now()` in milliseconds. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: Buffer;
  readonly sentAt: number;
  readonly receivedAt: number;
};

export type Transport = {
  /**
   * Sends one request.
   *
   * @throws {NotSentError} if no byte of it can have reached upstream.
   * @throws {AnswerLostError} if some may have, and no complete answer came within the timeout.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
};

/** The connections to upstream, which all projects share. */
export type Connections = {
  /** A transport with at most this many requests in flight, so that it leaves connections to the others. */
  share(most: number): Transport;
  /** Closes once the requests in flight have ended. */
  close(): Promise<void>;
  /** Closes at once: requests in flight lose their answers. */
  abort(): Promise<void>;
};

/** Decoded bytes of one answer; a page of 100 videos is some 150 KB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

const DECODERS: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Connects to nothing yet; the first request does. */
export function createConnections(options: {
  readonly baseUrl: URL;
  /** Maximum number of requests in flight, and of connections that take new ones. */
  readonly connections: number;
  /** The deadline for the whole request, from its wait for a connection to the last byte. */
  readonly timeoutMs: number;
  /** The proxy to go through, with user and password if it needs them; by default none. */
  readonly proxy?: URL | undefined;
  readonly lookup?: PoolOptions['lookup'];
}): Connections {
  const { baseUrl, connections, timeoutMs, proxy, lookup } = options;
  const { origin } = baseUrl;
  const pool = new RenewedPool({ origin, proxy, connections, connectTimeoutMs: timeoutMs, lookup });
  const prefix = baseUrl.pathname.replace(/\/$/, '');
  const ofAll = new Semaphore(connections);
  const stopping = new AbortController();

  function exchange(request: HttpRequest, deadline: number): Promise<HttpAnswer> {
    const { method, json } = request;
    const headers = {
      accept: 'application/json',
      'accept-encoding': 'gzip, deflate, br',
      ...request.headers,
    };
    return new Promise((resolve, reject) => {
      pool.dispatch(
        json === undefined
          ? { method, path: prefix + request.path, headers }
          : {
              method,
              path: prefix + request.path,
              headers: { ...headers, 'content-type': 'application/json' },
              body: JSON.stringify(json),
            },
        new TransportHandler(resolve, reject, deadline),
      );
    });
  }

  return {
    share(most) {
      const ofShare = new Semaphore(most);
      return {
        async send(request) {
          const now = performance.now();
          const deadline = now + timeoutMs;
          // What is sent at the last moment would only lose its answer.
          const limits = { deadline: now + timeoutMs / 2, signal: stopping.signal };
          const answer = await ofShare.run(limits, () =>
            ofAll.run(limits, () => exchange(request, deadline)),
          );
          if (!answer)
            throw new NotSentError('upstream could not be reached: no connection was free in time');
          return { ...answer, body: await decode(answer) };
        },
      };
    },
    close: () => pool.close(),
    async abort() {
      stopping.abort();
      await pool.abort(new Error('the gateway is stopping'));
    },
  };
}

async function decode({ body, headers, sentAt }: HttpAnswer): Promise<Buffer> {
  const encodings = readEncodings(headers['content-encoding']);
  if (body.length === 0 || encodings.length === 0) return body;
  const decoder = encodings.length === 1 ? DECODERS[encodings[0] ?? ''] : undefined;
  if (!decoder)
    throw new AnswerLostError(
      `upstream sent an unsupported content-encoding: ${JSON.stringify(encodings.join(', '))}`,
      sentAt,
    );
  try {
    return await decoder(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    throw new AnswerLostError(
      `the answer cannot be decoded, or is larger than ${MAX_BODY_BYTES} bytes`,
      sentAt,
      {
        cause,
      },
    );
  }
}

/** A list, which may come in one header or in several. */
function readEncodings(given: string | string[] | undefined): string[] {
  const names = toText(given).toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

/**
 * Collects one answer. This is a dispatch handler instead of `pool.request`, because only a handler learns when undici puts
 * the request on a connection. A failure before that moment proves that upstream saw nothing; a later one proves nothing.
 */
class TransportHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #timedOut: Error | undefined;
  #sentAt: number | undefined;
  #status = 0;
  #headers: HttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param deadline - on the clock of `performance.now()`. */
  constructor(resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void, deadline: number) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(
      () => this.#abort(new Error('no complete answer in time')),
      deadline - performance.now(),
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // The caller already has a NotSentError, so the request must not be sent now.
    if (this.#timedOut) controller.abort(this.#timedOut);
    else this.#sentAt = performance.now();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpHeaders): void {
    // No host answers this, only a proxy that wants credentials.
    if (status === 407) this.#abort(new Error('a proxy asks for credentials (407)'));
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_BODY_BYTES)
      this.#abort(new Error(`the answer is larger than ${MAX_BODY_BYTES} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks, this.#bytes),
      sentAt: this.#sentAt ?? performance.now(),
      receivedAt: performance.now(),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #abort(error: Error): void {
    this.#timedOut = error;
    this.#fail(error);
    this.#controller?.abort(error);
  }

  #fail(cause: Error): void {
    clearTimeout(this.#timer);
    this.#reject(
      this.#sentAt === undefined
        ? new NotSentError(`upstream could not be reached: ${cause.message}`, { cause })
        : new AnswerLostError(`the answer was lost: ${cause.message}`, this.#sentAt, { cause }),
    );
  }
}
