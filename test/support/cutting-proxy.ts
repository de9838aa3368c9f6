// A TCP proxy in front of the sandbox that cuts kept-alive connections, as load balancers do: after so many requests, as
// the next one arrives and without passing it on, or all of them when it is told to. It cuts under no request twice, so
// that what is sent again arrives.
import { connect, createServer, type Socket } from 'node:net';

export type CuttingProxy = AsyncDisposable & {
  readonly url: string;
  /** Connections that it has cut during a request. */
  readonly cuts: number;
  forwardTo(url: string): void;
  /** Closes every connection, as after an idle timeout. Resolves once the clients have closed theirs. */
  closeAll(): Promise<void>;
};

export async function startCuttingProxy({
  requestsEach = Number.POSITIVE_INFINITY,
}: {
  requestsEach?: number;
} = {}): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let target = 0;
  /** The requests that a cut interrupted. */
  const cut = new Set<string>();

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    open.add(client);
    let requests = 0;
    const end = () => {
      client.destroy();
      upstream.destroy();
      open.delete(client);
    };
    client.on('data', (chunk) => {
      // The gateway sends each of its small requests in one chunk, or the body in a second one.
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
    async closeAll() {
      const closed = [...open].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of open) socket.end();
      await Promise.all(closed);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
