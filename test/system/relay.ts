// A TCP relay between a proxy and a gateway. It changes nothing. It notes the requests of each connection, and which side
// closed the connection first. It can cut all connections.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Connection = {
  /** The first line of each request, such as `POST /graphql HTTP/1.1`. */
  readonly requests: readonly string[];
  /** Who has closed it first; undefined while it is open. */
  readonly closedBy: 'proxy' | 'gateway' | undefined;
};

export type Relay = AsyncDisposable & {
  readonly port: number;
  /** All connections, open and closed. */
  readonly connections: readonly Connection[];
  /** Resets every connection, as when a machine dies. */
  cut(): void;
};

export async function startRelay(target: number): Promise<Relay> {
  const open = new Set<Socket>();
  const connections: Connection[] = [];
  const server = createServer({ allowHalfOpen: true }, (proxy) => {
    const gateway = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const connection: { requests: string[]; closedBy: Connection['closedBy'] } = {
      requests: [],
      closedBy: undefined,
    };
    connections.push(connection);
    proxy.on('data', (chunk) => {
      // Proxies begin a request in a chunk of its own.
      const [line] = /^[A-Z]+ \S+ HTTP\/[\d.]+/.exec(chunk.toString('latin1')) ?? [];
      if (line) connection.requests.push(line);
    });
    for (const [side, socket, other] of [
      ['proxy', proxy, gateway],
      ['gateway', gateway, proxy],
    ] as const) {
      open.add(socket);
      // A side that resets the connection does not end it.
      for (const event of ['end', 'error', 'close']) {
        socket.on(event, () => {
          connection.closedBy ??= side;
        });
      }
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        open.delete(socket);
        if (!other.destroyed) other.end();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The relay listens on no TCP port.');
  return {
    port: address.port,
    connections,
    cut() {
      for (const socket of open) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
