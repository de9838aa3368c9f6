import { once } from 'node:events';
import type { Server } from 'node:http';

/** The port of a server on loopback, which `await using` closes. */
export type Listening = AsyncDisposable & { readonly port: number };

/** Listens on a free port. */
export async function listen(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no TCP port.');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
