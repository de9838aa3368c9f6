// A TCP proxy in front of the sandbox that cuts kept-alive connections, as load balancers do: after so many requests, as
// the next one arrives and without passing it on, or when nothing has been said for a while. It cuts under no request
// twice, so that what is sent again arrives.
import { connect, createServer, type Socket } from 'node:net';

export type CuttingProxy = AsyncDisposable & {
  readonly url: string;
  /** Connections cut under a request so far. */
  readonly cuts: number;
  forwardTo(url: string): void;
  /** Resolves once no connection is open. */
  allIdleClosed(): Promise<void>;
};

export async function startCuttingProxy(options: {
  requestsEach?: number;
  idleMs?: number;
}): Promise<CuttingProxy> {
  const { requestsEach = Number.POSITIVE_INFINITY, idleMs } = options;
  const open = new Set<Socket>();
  let target = 0;
  /** The requests under which a connection was cut. */
  const cut = new Set<string>();
  let onEmpty = () => {};

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    open.add(client);
    let requests = 0;
    const end = () => {
      client.destroy();
      upstream.destroy();
      open.delete(client);
      if (open.size === 0) onEmpty();
    };
    if (idleMs !== undefined) client.setTimeout(idleMs, end);
    client.on('data', (chunk) => {
      // The gateway sends its small requests in one piece each, or the body in a second one.
      const [line] = /^(GET|POST|PATCH|DELETE) \S+/.exec(chunk.toString('latin1')) ?? [];
      if (line) requests += 1;
      if (line && requests > requestsEach && !cut.has(line)) {
        cut.add(line);
        end();
      } else {
        upstream.write(chunk);
      }
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no TCP port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    get cuts() {
      return cut.size;
    },
    forwardTo(url) {
      target = Number(new URL(url).port);
    },
    async allIdleClosed() {
      if (open.size === 0) return;
      const { promise: empty, resolve: tell } = Promise.withResolvers<void>();
      onEmpty = tell;
      await empty;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
