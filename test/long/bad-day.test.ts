// A good client beside bad ones of every kind, all from one address: it is answered every time, within a second.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { expect, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { createToken, ISSUER, key, SECRET } from '../support/issue-jwt.ts';
import { startSandbox } from '../support/sandbox.ts';

const MAX_REQUESTS = 50;
/** Of each kind that waits: together many times what the gateway may take on at once. */
const WAITING_PEERS = 100;
/** Of each kind that makes the gateway compute: a machine has an end. */
const ASKING_PEERS = 4;
/** A flood of connections is another fault than those here: they open over three seconds, and again after two. */
const OPENED_WITHIN_MS = 3_000;
const OPENED_AGAIN_MS = 2_000;
const GOOD_REQUESTS = 100;
/** What the good client may wait, beside the time in which others have the processors. It takes a few milliseconds alone. */
const LONGEST_MS = 1_000;
const LARGEST_MB = 500;

const VIDEOS = 100;
/** An answer of three megabytes. */
const LARGE = '{"query":"{ videos(first: 100) { nodes { description } } }"}';
const DESCRIPTION = 'x'.repeat(30_000);

type Target = { readonly port: number; readonly authorization: string };
/** Misbehaves on one connection, until it is closed. */
type BadPeer = (socket: Socket, target: Target, turn: number) => void;

const head = ({ authorization }: Target, rest: string) =>
  `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: ${authorization}\r\n${rest}`;
const whole = (target: Target, body: string) => head(target, `content-length: ${body.length}\r\n\r\n${body}`);

function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 200);
  socket.once('close', () => clearInterval(timer));
}

const WAITING: Record<string, BadPeer> = {
  'says nothing': () => {},
  'sends its headers a few bytes at a time': (socket, target) => {
    socket.write(head(target, ''));
    drip(socket, 'x-more: 1\r\n');
  },
  'never sends its body': (socket, target) => socket.write(head(target, 'content-length: 1000\r\n\r\n')),
  'sends its body a byte at a time': (socket, target) => {
    socket.write(head(target, 'content-length: 100000\r\n\r\n{"query":"'));
    drip(socket, ' ');
  },
  'sends its chunks a byte at a time': (socket, target) => {
    socket.write(head(target, 'transfer-encoding: chunked\r\n\r\n'));
    drip(socket, '1\r\n \r\n');
  },
};

const ASKING: Record<string, BadPeer> = {
  'never reads its answer': (socket, target) => {
    socket.pause();
    socket.write(whole(target, LARGE));
  },
  'asks again and again, and reads nothing': (socket, target) => {
    socket.pause();
    socket.write(whole(target, LARGE).repeat(5));
  },
  'asks and leaves': (socket, target) => socket.write(whole(target, LARGE), () => socket.destroy()),
  'asks, and resets the connection': (socket, target) =>
    socket.write(whole(target, LARGE), () => socket.resetAndDestroy()),
  'speaks another protocol': (socket) => socket.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])),
  'sends more than a body may hold': (socket, target) => {
    socket.write(head(target, 'transfer-encoding: chunked\r\n\r\n'));
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let count = 0; count < 20; count += 1) socket.write(chunk);
    socket.write(`0\r\n\r\n${whole(target, LARGE)}`);
  },
  'makes up tokens and documents': (socket, target, turn) => {
    const query = JSON.stringify({ query: `{ unknown${turn} ${'x'.repeat(5_000)} }` });
    for (let count = 0; count < 10; count += 1)
      socket.write(whole({ ...target, authorization: `Bearer made.up${turn}.x${count}` }, query));
  },
};

/** How long a thread has been ready and had no processor, while others computed. `thread`: below `/proc`. */
function waitedForProcessorMs(thread: string): number {
  const [, nanoseconds] = readFileSync(`/proc/${thread}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e6;
}

async function residentMb(pid: number | undefined): Promise<number> {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

async function startMode(auth: 'none' | 'jwt' | 'passthrough') {
  await using stack = new AsyncDisposableStack();
  const videos = Array.from({ length: VIDEOS }, (_, index) =>
    createVideo({ title: `Video ${index}`, description: DESCRIPTION }),
  );
  const limits = { reads: 1_000_000, writes: 1_000_000 };
  const sandbox = stack.use(await startSandbox({ videos, limits }));
  const jwt = { AUTH: 'jwt', JWT_SECRET: SECRET, JWT_ISSUER: ISSUER, JWT_AUDIENCE: 'videos' };
  const program = stack.use(
    startGatewayProcess([], {
      PORT: '0',
      APIVIDEO_BASE_URL: sandbox.url,
      MAX_REQUESTS: String(MAX_REQUESTS),
      ...(auth === 'passthrough' ? { AUTH: auth } : { APIVIDEO_API_KEY: 'sandbox-key' }),
      ...(auth === 'jwt' ? jwt : {}),
    }),
  );
  const url = new URL(await program.url);
  const token = await createToken({ scope: 'videos:read' }).sign(key(SECRET));
  const authorization =
    auth === 'passthrough' ? `Basic ${Buffer.from('sandbox-key:').toString('base64')}` : `Bearer ${token}`;
  const started = stack.move();
  return {
    program,
    url,
    target: { port: Number(url.port), authorization },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** Keeps that many connections of every kind, each opened again when it is closed, until it is stopped. */
function misbehave(target: Target): AsyncDisposable {
  const sockets = new Set<Socket>();
  let isOver = false;
  let turn = 0;
  const open = (peer: BadPeer) => {
    turn += 1;
    const socket = connect(target.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('connect', () => peer(socket, target, turn));
    socket.once('close', () => {
      sockets.delete(socket);
      if (!isOver) setTimeout(() => !isOver && open(peer), OPENED_AGAIN_MS);
    });
  };
  const beginAll = (peers: Record<string, BadPeer>, of: number) => {
    for (const peer of Object.values(peers)) {
      for (let index = 0; index < of; index += 1)
        setTimeout(() => !isOver && open(peer), ((index + 0.5) / of) * OPENED_WITHIN_MS);
    }
  };
  beginAll(WAITING, WAITING_PEERS);
  beginAll(ASKING, ASKING_PEERS);
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      const closed = [...sockets].map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

test.each(['none', 'jwt', 'passthrough'] as const)(
  'with AUTH=%s a good client never waits for the bad ones',
  { concurrent: false },
  async (auth) => {
    await using started = await startMode(auth);
    const { program, url, target } = started;
    const threads = [`${program.child.pid}`, 'thread-self'];
    const waits = () => threads.map(waitedForProcessorMs);
    const ask = async () => {
      const begunAt = performance.now();
      const before = waits();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: target.authorization },
        body: '{"query":"{ videos(first: 1) { totalCount } }"}',
      });
      const body = await response.text();
      // They may have waited at the same time.
      const mostMs = Math.max(...waits().map((ms, index) => ms - (before[index] ?? 0)));
      return { body, ms: performance.now() - begunAt - mostMs };
    };
    await ask();
    await using _bad = misbehave(target);

    const answers = [];
    let mostMb = 0;
    for (let count = 0; count < GOOD_REQUESTS; count += 1) {
      answers.push(await ask());
      mostMb = Math.max(mostMb, await residentMb(program.child.pid));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    expect(new Set(answers.map(({ body }) => body))).toEqual(
      new Set([`{"data":{"videos":{"totalCount":${VIDEOS}}}}`]),
    );
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(LONGEST_MS);
    expect(mostMb).toBeLessThan(LARGEST_MB);
    expect(program.child.exitCode).toBeNull();
  },
);
