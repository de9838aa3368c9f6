// Sends the check's requests, and keeps every answer for the checks that look at all of them. Once api.video hands out no
// token, or does not answer at all, it sends nothing more.
import { randomUUID } from 'node:crypto';
import { type Credentials, createApiKeyCredentials } from '../upstream/credentials.ts';
import { observeTransport } from '../upstream/observer.ts';
import { pause } from '../upstream/pause.ts';
import {
  type Connections,
  createConnections,
  type HttpAnswer,
  type HttpRequest,
  type Transport,
} from '../upstream/transport.ts';
import {
  AnswerLostError,
  NotSentError,
  UnauthorizedError,
  UpstreamStatusError,
} from '../upstream/upstream-errors.ts';
import { NotCheckedError } from './finding.ts';
import { RequestAllowance, type RequestKind } from './request-allowance.ts';

/** So many requests in a row without an answer, and the rest is not sent. */
const MOST_LOST = 3;
const MOST_ATTEMPTS = 3;
const CONNECTIONS = 4;

export type SeenAnswer = { readonly kind: RequestKind; readonly answer: HttpAnswer; readonly at: number };

type UnsignedRequest = Omit<HttpRequest, 'headers'>;

/** Whether a request is sent even after the user wanted to stop. */
type Persistence = 'always' | 'unless stopped';

export type CheckClientOptions = {
  readonly apiKey: string;
  readonly baseUrl: URL;
  /** The proxy to go through, if any. */
  readonly proxy: URL | undefined;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly mayWrite: boolean;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
};

export class CheckClient {
  /** Sent with every request, as the gateway sends its own. */
  readonly requestId = `check-${randomUUID()}`;
  /** Every answer, with the time by `Date.now()` when it came. */
  readonly seen: SeenAnswer[] = [];
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #allowance: RequestAllowance;
  readonly #connections: Connections;
  readonly #transport: Transport;
  readonly #credentials: Credentials;
  #lostInARow = 0;
  #hopeless: NotCheckedError | undefined;

  constructor({ apiKey, baseUrl, proxy, timeoutMs, mayWrite, signal }: CheckClientOptions) {
    this.#host = baseUrl.host;
    this.#signal = signal;
    this.#allowance = new RequestAllowance(mayWrite);
    const headers = { 'x-request-id': this.requestId };
    this.#connections = createConnections({ baseUrl, connections: CONNECTIONS, timeoutMs, proxy });
    const transport = this.#connections.share(CONNECTIONS);
    this.#transport = this.#watch(observeTransport(transport, [{ begin: () => ({ headers }) }]));
    this.#credentials = createApiKeyCredentials(this.#transport, apiKey);
  }

  get sent(): Readonly<Record<RequestKind, number>> {
    return this.#allowance.sent;
  }

  /** The value of the Authorization header. @throws {NotCheckedError} if api.video hands out no token. */
  async authorization(): Promise<string> {
    this.#assertUseful();
    return this.#orGiveUp(this.#unlessStopped(this.#credentials.authorization()));
  }

  /** GET of a path. It is sent once more if its answer is lost or a 5xx. */
  read(path: string): Promise<HttpAnswer> {
    return this.#sendTwice('read', { method: 'GET', path }, 'unless stopped');
  }

  /** A write. It is sent again only if api.video refused it unread, with 401 or 429. */
  write(request: UnsignedRequest): Promise<HttpAnswer> {
    return this.#orNotChecked(this.#send('write', request, 'unless stopped'));
  }

  /** The last write, for which two writes are kept. It is sent even after the user wanted to stop, and like a read. */
  cleanUp(request: UnsignedRequest): Promise<HttpAnswer> {
    this.#allowance.beginCleanUp();
    return this.#sendTwice('write', request, 'always');
  }

  /** A request without the token of the key, for checks of wrong credentials. */
  async unsigned(kind: 'read' | 'auth', request: HttpRequest): Promise<HttpAnswer> {
    this.#assertUseful();
    await this.#waitForLimit(kind, 'unless stopped');
    return this.#orNotChecked(this.#unlessStopped(this.#transport.send(request)));
  }

  /** @throws {NotCheckedError} as soon as the user wants to stop. */
  async wait(ms: number): Promise<void> {
    const limits = { deadline: Number.POSITIVE_INFINITY, signal: this.#signal };
    if (!(await pause(Math.max(0, ms), limits))) throw stopped();
  }

  close(): Promise<void> {
    return this.#connections.abort();
  }

  async #sendTwice(
    kind: 'read' | 'write',
    request: UnsignedRequest,
    persistence: Persistence,
  ): Promise<HttpAnswer> {
    const send = () => this.#send(kind, request, persistence);
    try {
      return await send();
    } catch (error) {
      // After several 429s, others use the limit.
      const isLimited = error instanceof UpstreamStatusError && error.status === 429;
      if (error instanceof NotCheckedError || isLimited) throw this.#toNotChecked(error);
      return await this.#orNotChecked(send());
    }
  }

  async #send(
    kind: 'read' | 'write',
    request: UnsignedRequest,
    persistence: Persistence,
  ): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const isAlways = persistence === 'always';
      if (!isAlways) this.#assertUseful();
      await this.#waitForLimit(kind, persistence);
      const authorization = await (isAlways ? this.#credentials.authorization() : this.authorization());
      const sending = this.#transport.send({ ...request, headers: { authorization } });
      // What a write did must be known, even if the user does not want to wait for it.
      const answer = await (kind === 'write' ? sending : this.#unlessStopped(sending));
      const { status } = answer;
      if (status === 401 && attempt === 1) await this.#orGiveUp(this.#credentials.renew(authorization));
      else if (status !== 429 && status < 500) return answer;
      else if (status !== 429 || attempt === MOST_ATTEMPTS)
        throw new UpstreamStatusError(status, `${request.method} ${request.path}`);
    }
  }

  /** An answer that comes during the wait can set a later reset. */
  async #waitForLimit(kind: RequestKind, persistence: Persistence): Promise<void> {
    const signal = persistence === 'always' ? undefined : this.#signal;
    for (let ms = this.#allowance.toWaitMs(kind); ms > 0; ms = this.#allowance.toWaitMs(kind))
      if (!(await pause(ms, { deadline: Number.POSITIVE_INFINITY, signal }))) throw stopped();
  }

  /** Counts every request, and records every answer and what it shows of the rate limit. */
  #watch(transport: Transport): Transport {
    return {
      ...transport,
      send: async (request) => {
        const kind = toKind(request);
        this.#allowance.count(kind);
        try {
          const answer = await transport.send(request);
          this.seen.push({ kind, answer, at: Date.now() });
          this.#allowance.note(kind, answer);
          this.#lostInARow = 0;
          return answer;
        } catch (error) {
          if (error instanceof NotSentError) this.#allowance.uncount(kind);
          this.#lostInARow += 1;
          const reason = this.#toNotChecked(error);
          if (this.#lostInARow >= MOST_LOST && reason instanceof NotCheckedError) this.#hopeless = reason;
          throw error;
        }
      },
    };
  }

  #assertUseful(): void {
    if (this.#signal.aborted) throw stopped();
    if (this.#hopeless) throw this.#hopeless;
  }

  async #unlessStopped<T>(promise: Promise<T>): Promise<T> {
    const { promise: stop, reject } = Promise.withResolvers<never>();
    const leave = () => reject(stopped());
    this.#signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([promise, stop]);
    } finally {
      this.#signal.removeEventListener('abort', leave);
    }
  }

  /** Without a token, no other request of the check makes sense. */
  async #orGiveUp<T>(promise: Promise<T>): Promise<T> {
    try {
      return await this.#orNotChecked(promise);
    } catch (error) {
      if (error instanceof NotCheckedError) this.#hopeless = error;
      throw error;
    }
  }

  async #orNotChecked<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      throw this.#toNotChecked(error);
    }
  }

  #toNotChecked(error: unknown): Error {
    if (error instanceof UnauthorizedError) {
      return new NotCheckedError(
        toSentence(error),
        `Set APIVIDEO_API_KEY to a key of ${this.#host}: api.video's sandbox and production have different keys.`,
      );
    }
    if (error instanceof UpstreamStatusError)
      return new NotCheckedError(`api.video answered ${error.status}.`, 'Try again later.');
    if (error instanceof AnswerLostError || error instanceof NotSentError) {
      return new NotCheckedError(
        toSentence(error),
        'Check APIVIDEO_BASE_URL and the network, or try again later.',
      );
    }
    return error instanceof Error ? error : new Error(String(error));
  }
}

function toKind({ method, path }: HttpRequest): RequestKind {
  if (path.startsWith('/auth/')) return 'auth';
  return method === 'GET' ? 'read' : 'write';
}

/** In these messages, "upstream" is api.video, as everywhere in the gateway's log. */
function toSentence({ message }: Error): string {
  const text = message.replaceAll('upstream', 'api.video');
  return text.startsWith('api.video') ? `${text}.` : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function stopped(): NotCheckedError {
  return new NotCheckedError('The check was stopped before.');
}
