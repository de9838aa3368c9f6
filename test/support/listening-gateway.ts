// The test gateway behind a real socket, for behaviour that only a socket shows: hosts, bodies in chunks, aborted requests.
import { once } from 'node:events';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { type ClientTimeouts, createHttpServer } from '../../src/server/http-server.ts';
import { listen } from './listen.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './test-gateway.ts';

export type RawAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type RawRequest = {
  readonly method?: string;
  readonly path?: string;
  /** `host: undefined` sends none. */
  readonly headers?: OutgoingHttpHeaders;
  /** Sent chunk by chunk, as fast as the gateway reads; no more is sent once the answer has arrived. */
  readonly body?: Iterable<string | Buffer>;
};

export type ListeningGateway = TestGateway & {
  /** Such as `http://127.0.0.1:49152`. */
  readonly origin: string;
  readonly port: number;
  /** Sends a request with no headers added for the test. */
  send(raw: RawRequest): Promise<RawAnswer>;
};

export async function startListeningGateway({
  patience,
  ...options
}: TestGatewayOptions & { patience?: ClientTimeouts } = {}): Promise<ListeningGateway> {
  const started = await startTestGateway(options);
  const server = createHttpServer(started.gateway.handle, patience);
  const listening = await listen(server);
  const { port } = listening;
  return {
    ...started,
    port,
    origin: `http://127.0.0.1:${port}`,
    send: (raw) => sendRaw(port, raw),
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      await started[Symbol.asyncDispose]();
    },
  };
}

async function sendRaw(port: number, { method = 'GET', path = '/graphql', headers = {}, body }: RawRequest) {
  const setHost = !('host' in headers);
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const message = request({ host: '127.0.0.1', port, method, path, headers: given, setHost, agent: false });
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  let isAnswered = false;
  message.once('response', async (response) => {
    isAnswered = true;
    let text = '';
    response.setEncoding('utf8');
    for await (const chunk of response) text += chunk;
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
  });
  // The gateway may close the connection during a body that it refuses; the answer before that counts.
  message.on('error', (error) => {
    if (!isAnswered) reject(error);
  });
  for (const piece of body ?? []) {
    if (isAnswered || message.destroyed) break;
    if (!message.write(piece)) await Promise.race([once(message, 'drain'), promise]).catch(() => {});
  }
  message.end();
  return promise;
}
