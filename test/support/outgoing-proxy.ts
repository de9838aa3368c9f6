// A company's proxy: passes tunnels and plain requests on to ports of this machine, whatever host they name, records what
// it saw, and can be out of order. And hosts with TLS, whose certificate the process of the test trusts.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { listen } from './listen.ts';

/** The path of the certificate, for `NODE_EXTRA_CA_CERTS`. Its names are those of `TLS_HOSTS`, localhost and 127.0.0.1. */
export const CERTIFICATE_PATH = fileURLToPath(new URL('tls/certificate.pem', import.meta.url));
export const TLS = {
  cert: readFileSync(CERTIFICATE_PATH, 'utf8'),
  key: readFileSync(new URL('tls/key.pem', import.meta.url), 'utf8'),
};

/** From now on, all clients in this process accept the certificate. Only for a file that runs apart. */
export function trustCertificate(): void {
  setDefaultCACertificates([...getCACertificates('default'), TLS.cert]);
}

/** Takes TLS on a port of its own, and passes the bytes on to a port without it. */
export async function startTlsInFront(port: () => number) {
  const server = createTlsServer(TLS, (socket) => join(socket, connect(port(), '127.0.0.1')));
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The host listens on no TCP port.');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

export type ProxyFault = (socket: Socket) => void;

export const answer =
  (status: string): ProxyFault =>
  (socket) =>
    socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<h1>no</h1`);

/** @param toPort - the port of this machine that stands for a host, such as `api.video.test:443`. */
export async function startOutgoingProxy(toPort: (authority: string) => number) {
  const seen: { readonly asked: string; readonly credentials: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const state: {
    /** Instead of opening a tunnel. */
    fault?: ProxyFault | undefined;
    /** Instead of passing a plain request on; undefined passes it on after all. */
    instead?: (message: IncomingMessage, response: ServerResponse) => true | undefined;
  } = {};
  const note = (asked: string, { headers }: IncomingMessage) =>
    seen.push({ asked, credentials: headers['proxy-authorization'] });

  const server = createServer((message, response) => {
    const { method, url = '', headers } = message;
    note(`${method} ${url}`, message);
    if (state.instead?.(message, response)) return;
    const { host, pathname, search } = new URL(url);
    const { 'proxy-authorization': _, ...others } = headers;
    const onward = request(
      {
        host: '127.0.0.1',
        port: toPort(host),
        method,
        path: pathname + search,
        headers: others,
        agent: false,
      },
      (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    note(`CONNECT ${message.url}`, message);
    socket.once('end', () => socket.end());
    if (state.fault) return state.fault(socket);
    const onward = connect(toPort(message.url ?? ''), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      join(socket, onward);
    });
    onward.on('error', () => socket.destroy());
  });
  const listening = await listen(server);
  return {
    port: listening.port,
    /** What it was asked for, such as `CONNECT api.video.test:443` or `GET http://api.video.test/videos`. */
    seen,
    state,
    /** The connections that are open now. */
    sockets,
    /** Cuts all connections, as after an idle time-out. */
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await listening[Symbol.asyncDispose]();
    },
  };
}

function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => to.destroy()).once('close', () => to.destroy());
    from.pipe(to);
  }
}
