// What a load balancer sees of the program: how long a connection lives, and how the gateway goes.
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { DisposableStack } from '@whatwg-node/disposablestack';
import { expect, test, vi } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway-process.ts';
import { openConnection, readStatuses } from '../support/raw-connection.ts';
import { startSandbox } from '../support/sandbox.ts';

const DELETE = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }';

// Processes start and end here, and each takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** Each request on a connection of its own, as of new clients. */
async function ask(url: string | URL, query?: string, variables = {}) {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const init = query ? { method: 'POST', headers, body: JSON.stringify({ query, variables }) } : { headers };
  const response = await fetch(url, init);
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** Resolves once the process has received the signal. */
function signalled({ output }: GatewayProcess): Promise<void> {
  return eventually(() => expect(output.stdout).toContain('finishing the requests in flight'));
}

test('serves for the whole delay after a signal, announces that it will stop, and ends with 0', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos });
  await using program = startGatewayProcess([], {
    PORT: '0',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    VIDEO_RESTORE: 'on',
    DRAIN_DELAY_SECONDS: '6',
  });
  const { child, ended } = program;
  const url = await program.url;
  expect((await ask(new URL('/ready', url))).status).toBe(200);
  // The first deletion of a process takes longer.
  await ask(url, DELETE, { ids: ids.slice(1) });

  const signalledAt = performance.now();
  child.kill('SIGTERM');
  await signalled(program);
  const ready = await ask(new URL('/ready', url));
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const deletion = await ask(url, DELETE, { ids: ids.slice(0, 1) });
  const health = await ask(new URL('/health', url));

  expect(ready).toMatchObject({ status: 503, body: expect.stringContaining('"status":"draining"') });
  expect(deletion).toMatchObject({
    status: 200,
    body: '{"data":{"deleteVideos":{"results":[{"__typename":"VideoRemoved"}]}}}',
  });
  expect(health.status).toBe(200);
  for (const { headers } of [ready, deletion, health]) expect(headers.get('connection')).toBe('close');
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - signalledAt).toBeGreaterThan(6_000);
  await expect(ask(url)).rejects.toThrow();
});

test('has its ten seconds to stop after the delay, not within it', async () => {
  const { videos, ids } = createVideos(1);
  await using sandbox = await startSandbox({ videos });
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  // More than the seven seconds that writes in flight have; less than they and the delay together.
  sandbox.setFault(({ method }) => {
    if (method !== 'DELETE') return undefined;
    resolve();
    return { kind: 'delay', ms: 8_500 };
  });
  await using program = startGatewayProcess([], {
    PORT: '0',
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    VIDEO_RESTORE: 'on',
    UPSTREAM_TIMEOUT_MS: '20000',
    DRAIN_DELAY_SECONDS: '5',
  });
  const { child, ended } = program;
  const deletion = ask(await program.url, DELETE, { ids });
  await reached;

  child.kill('SIGTERM');

  expect((await deletion).body).toBe('{"data":{"deleteVideos":{"results":[{"__typename":"VideoRemoved"}]}}}');
  expect(await ended).toEqual({ code: 0, signal: null });
});

test('keeps an idle connection for KEEP_ALIVE_SECONDS, and then closes it', async () => {
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0', KEEP_ALIVE_SECONDS: '1' });
  const { port, origin } = new URL(await program.url);
  using connection = await openConnection(Number(port));
  const request = `GET /graphql?query={__typename} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;

  const startedAt = performance.now();
  connection.write(request);
  expect(await connection.received(/\}$/)).toMatch(/^keep-alive: timeout=1\r$/im);
  const text = await connection.closed;

  expect(readStatuses(text)).toEqual([200]);
  expect(performance.now() - startedAt).toBeGreaterThan(1_000);
  expect((await ask(`${origin}/health`)).status).toBe(200);
});

test('serves the next request on a connection that has been idle for less', async () => {
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0', KEEP_ALIVE_SECONDS: '60' });
  const url = await program.url;
  using agents = new DisposableStack();
  const agent = agents.adopt(new Agent({ keepAlive: true, maxSockets: 1 }), (each) => each.destroy());
  const ports = new Set<number | undefined>();

  for (let count = 0; count < 3; count += 1) {
    const [response] = await once(get(new URL('/health', url), { agent }), 'response');
    expect(response.headers['keep-alive']).toBe('timeout=60');
    ports.add(response.socket.localPort);
    response.resume();
    await once(response, 'end');
  }

  expect(ports.size).toBe(1);
});
