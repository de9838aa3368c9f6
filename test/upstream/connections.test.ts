// The connections to api.video, which all projects share: how many there are, who waits for one, and where they lead once
// the name of the host has other addresses.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test, vi } from 'vitest';
import { createConnections, type HttpAnswer, type Transport } from '../../src/upstream/transport.ts';
import { NotSentError } from '../../src/upstream/upstream-errors.ts';
import { eventually } from '../support/eventually.ts';

/** Moves the clock of the process. */
const ALONE = { concurrent: false };
const MINUTE_MS = 60_000;
const PATIENCE_MS = 20_000;

/** A host that counts its connections. */
class Host {
  opened = 0;
  open = 0;
  mostOpen = 0;
  readonly requests: string[] = [];
  /** The answers that it holds back. */
  readonly held: ServerResponse[] = [];
  isHeld = (_path: string) => false;
  readonly server = createServer((request, response) => {
    const path = request.url ?? '';
    this.requests.push(path);
    if (this.isHeld(path)) this.held.push(response);
    else response.end('{}');
  }).on('connection', (socket) => {
    this.opened += 1;
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    socket.once('close', () => {
      this.open -= 1;
    });
  });
}

async function startHost(stack: AsyncDisposableStack, address = '127.0.0.1', port = 0) {
  const host = new Host();
  host.server.listen(port, address);
  await once(host.server, 'listening');
  stack.defer(async () => {
    host.server.closeAllConnections();
    host.server.close();
  });
  const bound = host.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the host listens on no TCP port');
  return { host, port: bound.port };
}

type Options = { connections?: number; timeoutMs?: number; name?: string; lookup?: LookupFunction };

function connect(stack: AsyncDisposableStack, port: number, options: Options = {}) {
  const { connections = 100, timeoutMs = PATIENCE_MS, name = '127.0.0.1', lookup } = options;
  const baseUrl = new URL(`http://${name}:${port}`);
  const created = createConnections({ baseUrl, connections, timeoutMs, ...(lookup && { lookup }) });
  stack.defer(() => created.abort());
  return created;
}

const get = ({ send }: Transport, path = '/') => send({ method: 'GET', path, headers: {} });

/** So many requests at once, each followed by the next, until it is over. @returns their statuses. */
async function keepAsking(transport: Transport, atOnce: number, isOver: () => boolean): Promise<number[]> {
  const statuses: number[] = [];
  const ask = async () => {
    while (!isOver()) statuses.push((await get(transport)).status);
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return statuses;
}

describe('the number of connections', () => {
  test('is no more than one project may have requests in flight, however many it sends', async () => {
    await using stack = new AsyncDisposableStack();
    const { host, port } = await startHost(stack);
    const project = connect(stack, port, { connections: 1_000 }).share(25);
    // The first connection to a host is made alone.
    await get(project);

    await keepAsking(project, 25, () => host.requests.length > 3_000);
    await Promise.all(Array.from({ length: 500 }, () => get(project)));

    expect(host.opened).toBeLessThanOrEqual(25);
  });

  test('is bounded for all projects together, and each of their requests is answered', async () => {
    await using stack = new AsyncDisposableStack();
    const { host, port } = await startHost(stack);
    const connections = connect(stack, port, { connections: 30 });
    const projects = Array.from({ length: 200 }, () => connections.share(25));

    const answers = await Promise.all(projects.flatMap((project) => [1, 2, 3].map(() => get(project))));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(600);
    expect(host.opened).toBeLessThanOrEqual(30);
  });
});

describe('a project whose requests are not answered', () => {
  test('takes no more connections than its share', async () => {
    await using stack = new AsyncDisposableStack();
    const { host, port } = await startHost(stack);
    host.isHeld = (path) => path === '/slow';
    const connections = connect(stack, port, { connections: 30 });
    const [slow, other] = [connections.share(25), connections.share(25)];
    const waiting = Promise.allSettled(Array.from({ length: 100 }, () => get(slow, '/slow')));
    await eventually(() => expect(host.held).toHaveLength(25));

    const statuses = await keepAsking(other, 25, () => host.requests.length > 300);

    expect(statuses.every((status) => status === 200)).toBe(true);
    expect(host.held).toHaveLength(25);
    expect(host.opened).toBeLessThanOrEqual(30);
    await connections.abort();
    await waiting;
  });

  test('sends nothing later of what waited too long for a connection, and that costs no connection', async () => {
    await using stack = new AsyncDisposableStack();
    const { host, port } = await startHost(stack);
    host.isHeld = (path) => path === '/slow';
    const project = connect(stack, port, { timeoutMs: 2_000, connections: 3 }).share(3);
    const slow = Promise.allSettled([1, 2, 3].map(() => get(project, '/slow')));
    const late = await Promise.allSettled(Array.from({ length: 50 }, () => get(project, '/late')));
    await slow;

    expect(late.every((each) => each.status === 'rejected' && each.reason instanceof NotSentError)).toBe(
      true,
    );
    await Promise.all([1, 2, 3].map(() => get(project, '/next')));
    expect(host.requests.filter((path) => path === '/late')).toEqual([]);
    expect(host.requests.filter((path) => path === '/next')).toHaveLength(3);
    // The connections of the unanswered requests, and as many in their place.
    expect(host.opened).toBeLessThanOrEqual(6);
  });
});

test('the end of the gateway ends what waits for a connection at once, and it is known not to be sent', async () => {
  await using stack = new AsyncDisposableStack();
  const { host, port } = await startHost(stack);
  host.isHeld = () => true;
  const connections = connect(stack, port, { connections: 2 });
  const project = connections.share(2);
  const ends = Promise.allSettled(Array.from({ length: 10 }, () => get(project)));
  await eventually(() => expect(host.held).toHaveLength(2));

  await connections.abort();

  const kinds = (await ends).map((end) => end.status === 'rejected' && end.reason.constructor.name);
  expect(kinds.toSorted()).toEqual([...Array(2).fill('AnswerLostError'), ...Array(8).fill('NotSentError')]);
  await expect(get(project)).rejects.toThrow(NotSentError);
  expect(host.requests).toHaveLength(2);
});

describe('a host whose name gets another address', ALONE, () => {
  async function start(stack: AsyncDisposableStack) {
    const { host: before, port } = await startHost(stack);
    const { host: after } = await startHost(stack, '127.0.0.2', port);
    const dns = { addresses: ['127.0.0.1'], lookups: 0 };
    const lookup: LookupFunction = (_name, _options, answer) => {
      dns.lookups += 1;
      answer(
        null,
        dns.addresses.map((address) => ({ address, family: 4 })),
      );
    };
    const connections = connect(stack, port, { name: 'video.example', lookup });
    return { before, after, dns, connections, project: connections.share(25) };
  }

  function moveClock(stack: AsyncDisposableStack) {
    const now = performance.now.bind(performance);
    let movedMs = 0;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + movedMs);
    stack.defer(() => spy.mockRestore());
    return (ms: number) => {
      movedMs += ms;
    };
  }

  test('is followed within a minute under constant traffic, and no request is lost', async () => {
    await using stack = new AsyncDisposableStack();
    const { before, after, dns, project } = await start(stack);
    const advance = moveClock(stack);
    let isOver = false;
    const asking = keepAsking(project, 24, () => isOver);
    await eventually(() => expect(before.requests.length).toBeGreaterThan(500));
    // One answer takes longer than the change.
    before.isHeld = (path) => path === '/held';
    const held = get(project, '/held');
    await eventually(() => expect(before.held).toHaveLength(1));

    dns.addresses = ['127.0.0.2'];
    advance(MINUTE_MS);
    await eventually(() => expect(after.requests.length).toBeGreaterThan(500));
    const still = before.requests.length;
    for (const answer of before.held) answer.end('{}');
    await eventually(() => expect(before.open).toBe(0));
    isOver = true;
    const statuses = [...(await asking), (await held).status];

    expect(before.requests).toHaveLength(still);
    expect(statuses).toHaveLength(before.requests.length + after.requests.length);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(before.opened).toBeLessThanOrEqual(25);
    expect(after.opened).toBeLessThanOrEqual(25);
  });

  test('costs no more than one round of connections a minute, and none while nothing is sent', async () => {
    await using stack = new AsyncDisposableStack();
    const { before, dns, project } = await start(stack);
    const advance = moveClock(stack);
    await get(project);
    for (let minute = 0; minute < 5; minute += 1) {
      advance(MINUTE_MS);
      for (let index = 0; index < 20; index += 1) await get(project);
    }

    // undici may open a second one.
    expect(dns.lookups).toBeLessThanOrEqual(12);
    expect(before.opened).toBe(dns.lookups);
    await eventually(() => expect(before.open).toBeLessThanOrEqual(2));
  });

  test('is still closed whole, with the requests on the old addresses', async () => {
    await using stack = new AsyncDisposableStack();
    const { before, after, dns, connections, project } = await start(stack);
    const advance = moveClock(stack);
    before.isHeld = () => true;
    after.isHeld = () => true;
    const ends: Promise<HttpAnswer | Error>[] = [];
    const ask = () => ends.push(get(project).catch((error: Error) => error));
    ask();
    await eventually(() => expect(before.held).toHaveLength(1));
    advance(MINUTE_MS);
    ask();
    await eventually(() => expect(before.held).toHaveLength(2));
    dns.addresses = ['127.0.0.2'];
    advance(MINUTE_MS);
    ask();
    await eventually(() => expect(after.held).toHaveLength(1));

    let isClosed = false;
    const closed = connections.close().then(() => {
      isClosed = true;
    });
    for (const answer of after.held) answer.end('{}');
    await eventually(() => expect(after.open).toBe(0));
    expect(isClosed).toBe(false);
    for (const answer of before.held) answer.end('{}');
    await closed;

    expect(await Promise.all(ends)).toMatchObject(Array(3).fill({ status: 200 }));
    advance(MINUTE_MS);
    await expect(get(project)).rejects.toThrow(NotSentError);
    expect(after.requests).toHaveLength(1);
    await eventually(() => expect(before.open).toBe(0));
  });

  test('is reached at its other addresses while one of them refuses', async () => {
    await using stack = new AsyncDisposableStack();
    const { before, dns, project } = await start(stack);
    // Nothing listens at the first.
    dns.addresses = ['127.0.0.9', '127.0.0.1'];

    expect(await Promise.all(Array.from({ length: 10 }, () => get(project)))).toMatchObject(
      Array(10).fill({ status: 200 }),
    );
    expect(before.requests).toHaveLength(10);
  });
});
