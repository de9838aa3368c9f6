// The least that can stand between a client and upstream: `node:http` that passes on whatever it is asked.
import { Agent, createServer, request } from 'node:http';

const upstream = new URL(JSON.parse(process.argv[2] ?? '""'));
const agent = new Agent({ keepAlive: true, maxSockets: 50 });

const server = createServer((incoming, outgoing) => {
  incoming.pipe(
    request(
      {
        host: upstream.hostname,
        port: upstream.port,
        method: incoming.method,
        path: incoming.url,
        headers: { accept: 'application/json', authorization: 'Bearer token' },
        agent,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    ).on('error', () => outgoing.destroy()),
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
