// Gateways with a key and AUTH=jwt, as processes, behind a proxy with TLS and in front of one sandbox; and a client of the
// proxy, which has an address of its own.
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { startSandbox } from '../support/sandbox.ts';
import { GATEWAYS, HOST_NAME, type ProxyName, readProxySettings, startProxy } from './proxy-process.ts';
import { type Connection, type Relay, startRelay } from './relay.ts';

/** The client's address: on loopback too, but not the proxy's. */
export const CLIENT = '127.0.0.7';
export const PATH = '/video-api/graphql';

export type Request = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  /** Sent in chunks, without a length, if it is a list. */
  readonly body?: string | readonly Buffer[];
  /** Connections to reuse; by default, each request has its own. */
  readonly agent?: Agent;
  readonly from?: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type BehindProxy = AsyncDisposable & {
  readonly port: number;
  readonly sandbox: Sandbox;
  readonly gateways: readonly GatewayProcess[];
  readonly relays: readonly Relay[];
  /** The connections from the proxy to the gateways, without those of its health checks. */
  readonly connections: () => Connection[];
  /** The JSON lines that the gateways have logged. */
  readonly lines: () => Record<string, unknown>[];
  /** Sends a request to the proxy, and verifies its certificate. */
  readonly send: (asked: Request) => Promise<Answer>;
  /** Posts an operation with a valid token. */
  readonly post: (query: string, variables?: unknown, asked?: Request) => Promise<Answer>;
};

export type BehindOptions = {
  readonly sandbox?: SandboxOptions;
  /** Settings of the gateways, besides those in docs/proxies.md. */
  readonly env?: Record<string, string>;
  readonly edits?: readonly (readonly [string, string])[];
};

export async function startBehindProxy(
  name: ProxyName,
  { sandbox: sandboxOptions, env, edits }: BehindOptions = {},
): Promise<BehindProxy> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox({ dialect: 'removed', ...sandboxOptions }));
  const settings = readProxySettings(name);
  const gateways = Array.from({ length: GATEWAYS[name] }, () =>
    stack.use(
      startGatewayProcess([], {
        PORT: '0',
        APIVIDEO_API_KEY: 'sandbox-key',
        APIVIDEO_BASE_URL: sandbox.url,
        JWT_SECRET: SECRET,
        METRICS: 'on',
        ...JWT,
        ...settings,
        TRUSTED_PROXIES: '127.0.0.1',
        ...env,
      }),
    ),
  );
  const relays: Relay[] = [];
  for (const gateway of gateways) {
    relays.push(stack.use(await startRelay(Number(new URL(await gateway.url).port))));
  }
  const ports = relays.map(({ port }) => port);
  const { port, certificate } = stack.use(await startProxy(name, ports, edits));
  const token = await createToken({ scope: 'videos:read videos:delete videos:restore' }).sign(key(SECRET));
  const send = (asked: Request) => sendTo(port, certificate, asked);
  const started = stack.move();
  return {
    port,
    sandbox,
    gateways,
    relays,
    connections: () =>
      relays
        .flatMap(({ connections }) => connections)
        .filter(({ requests }) => requests.some((line) => !line.includes(' /ready '))),
    send,
    lines: () =>
      gateways
        .flatMap(({ output }) => output.stdout.trim().split('\n'))
        .map((line): Record<string, unknown> => JSON.parse(line)),
    post: (query, variables = {}, asked = {}) =>
      send({
        method: 'POST',
        body: JSON.stringify({ query, variables }),
        ...asked,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...asked.headers },
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function sendTo(
  port: number,
  ca: string,
  { method = 'GET', path = PATH, headers = {}, body, agent, from = CLIENT }: Request,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const message = request({
    host: '127.0.0.1',
    port,
    localAddress: from,
    servername: HOST_NAME,
    ca,
    method,
    path,
    headers: { host: HOST_NAME, ...headers },
    agent: agent ?? false,
  });
  let isAnswered = false;
  message.once('response', async (response) => {
    isAnswered = true;
    let text = '';
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
    } catch (error) {
      reject(error);
    }
  });
  // A proxy may close the connection during a body that it refuses; the answer before that counts.
  message.on('error', (error) => {
    if (!isAnswered) reject(error);
  });
  if (typeof body === 'string' || body === undefined) message.end(body);
  else {
    for (const chunk of body) {
      if (isAnswered || message.destroyed) break;
      if (!message.write(chunk)) await Promise.race([once(message, 'drain'), promise]).catch(() => {});
    }
    message.end();
  }
  return promise;
}
