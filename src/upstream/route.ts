// The way to one host: directly, or through a proxy. A proxy passes https on in a tunnel, where TLS reaches the host
// itself, and gets plain http as requests of its own. Nothing of a request is sent before the way is open.
import { type LookupFunction, Socket } from 'node:net';
import { buildConnector, Client } from 'undici';

type Hop = { readonly path: string; readonly headers: Record<string, string> };

export type Route = {
  /** The next hop of a request, to which connections are opened. */
  readonly origin: string;
  readonly connect: buildConnector.connector;
  /** Addresses a request as the next hop expects it. */
  address<Request extends Hop>(request: Request): Request;
  /** Gives up what is being opened. */
  abort(reason: Error): void;
};

export type RouteOptions = {
  readonly origin: string;
  /** With user and password, if it needs them. */
  readonly proxy?: URL | undefined;
  readonly connectTimeoutMs: number;
  /** Resolves the name of the next hop; by default as the system does. */
  readonly lookup?: LookupFunction | undefined;
};

/**
 * The proxy opens no way. The error has no code: undici connects again and again after some codes, such as that of a
 * socket that the other side has closed.
 */
class ProxyError extends Error {
  override name = 'ProxyError';

  /** @param proxy - its user and password are not shown. */
  constructor(proxy: URL, what: string, cause?: unknown) {
    super(`the proxy ${proxy.host} ${what}`, { cause });
  }
}

export function createRoute(options: RouteOptions): Route {
  const { origin, proxy } = options;
  if (!proxy) return { origin, connect: createConnector(options), address: (request) => request, abort() {} };
  return origin.startsWith('https:') ? createTunnels(options, proxy) : createForwarding(options, proxy);
}

/**
 * Without HTTP/2, which undici would take if the host offers it: it sends what is left on a closing connection again by
 * itself, and one connection has many requests, so that it could not be told which of them have reached the host.
 */
function createConnector({ connectTimeoutMs, lookup }: Omit<RouteOptions, 'origin'>) {
  return buildConnector({ timeout: connectTimeoutMs, allowH2: false, ...(lookup && { lookup }) });
}

/** To the proxy, whose certificate must have the proxy's own name; undici would ask for the name of the host. */
function createConnectorToProxy(options: RouteOptions, proxy: URL): buildConnector.connector {
  const connect = createConnector(options);
  return ({ servername: _, ...rest }, callback) =>
    connect(rest, (...[error, socket]) => {
      if (error) callback(new ProxyError(proxy, `cannot be reached: ${error.message}`, error), null);
      else callback(null, socket);
    });
}

function createForwarding(options: RouteOptions, proxy: URL): Route {
  const { host } = new URL(options.origin);
  const own = { host, ...toCredentials(proxy) };
  return {
    origin: proxy.origin,
    connect: createConnectorToProxy(options, proxy),
    address: (request) => ({
      ...request,
      path: options.origin + request.path,
      headers: { ...request.headers, ...own },
    }),
    abort() {},
  };
}

function createTunnels(options: RouteOptions, proxy: URL): Route {
  const { connectTimeoutMs } = options;
  const { hostname, port } = new URL(options.origin);
  const authority = `${hostname}:${port || 443}`;
  const headers = { host: authority, ...toCredentials(proxy) };
  const toProxy = createConnectorToProxy(options, proxy);
  const toHost = createConnector({ connectTimeoutMs });
  const opening = new Set<Client>();

  /** @throws {ProxyError} */
  async function open(): Promise<Socket> {
    const client = new Client(proxy.origin, { connect: toProxy });
    opening.add(client);
    try {
      const signal = AbortSignal.timeout(connectTimeoutMs);
      const { statusCode, socket } = await client.connect({ path: authority, headers, signal });
      if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) return socket;
      socket.on('error', () => {}).destroy();
      throw new ProxyError(proxy, `answered ${statusCode} to CONNECT`);
    } catch (error) {
      if (error instanceof ProxyError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new ProxyError(proxy, `opened no tunnel: ${why}`, error);
    } finally {
      opening.delete(client);
      void client.destroy();
    }
  }

  return {
    origin: options.origin,
    connect(target, callback) {
      open().then(
        (httpSocket) => toHost({ ...target, httpSocket }, callback),
        (error: Error) => callback(error, null),
      );
    },
    address: (request) => request,
    abort(reason) {
      for (const client of opening) void client.destroy(reason);
    },
  };
}

function toCredentials({ username, password }: URL): Record<string, string> {
  if (!username && !password) return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
