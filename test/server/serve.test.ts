// The program from outside: what it prints, what it answers, how it ends.

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { AsyncDisposableStack, DisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';

async function ask(url: string, query: string, variables = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

function readLines(stdout: string): { level: number; msg: string; url?: string }[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('with --sandbox and nothing else', () => {
  test('says where it listens, on what, and how to serve a project, in lines of JSON', async () => {
    await using started = startGatewayProcess(['--sandbox'], { PORT: '0' });
    const { child, output, url, ended } = started;
    const address = await url;
    child.kill('SIGTERM');

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/graphql$/);
    const lines = readLines(output.stdout);
    const listening = { level: 30, url: address, upstream: 'embedded sandbox' };
    expect(lines).toContainEqual(expect.objectContaining(listening));
    const text = lines.map(({ msg }) => msg).join('\n');
    expect(text).toContain(`GraphQL, and GraphiQL for browsers, at ${address}`);
    expect(text).toContain(`The web app for browsers at ${new URL('/', address)}`);
    expect(text).toContain('200 live and 40 removed demo videos');
    expect(text).toContain('APIVIDEO_API_KEY');
    expect(output.stderr).toBe('');
  });

  test('deletes and restores demo videos for a newcomer', async () => {
    await using gateway = startGatewayProcess(['--sandbox'], { PORT: '0' });
    const url = await gateway.url;

    const list = await ask(
      url,
      '{ videos(first: 3) { totalCount nodes { id } } removedVideos { totalCount } }',
    );
    expect(list).toMatchObject({ data: { videos: { totalCount: 200 }, removedVideos: { totalCount: 40 } } });
    const { data }: { data: { videos: { nodes: { id: string }[] } } } = JSON.parse(JSON.stringify(list));
    const ids = data.videos.nodes.map(({ id }) => id);
    const deleted = await ask(
      url,
      'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }',
      { ids },
    );
    const restored = await ask(
      url,
      'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename videoId } } }',
      { ids },
    );

    expect(deleted).toEqual({
      data: { deleteVideos: { results: ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId })) } },
    });
    expect(restored).toEqual({
      data: { restoreVideos: { results: ids.map((videoId) => ({ __typename: 'VideoRestored', videoId })) } },
    });
  });

  test('is ready soon, and takes little memory until a browser asks for GraphiQL', {
    concurrent: false,
  }, async () => {
    // Not the first start after an installation, which compiles everything: see `compile-first.ts`.
    const startedAt = performance.now();
    await using started = startGatewayProcess(['--sandbox'], { PORT: '0' });
    const { child, url } = started;
    const address = await url;
    const startMs = Math.round(performance.now() - startedAt);

    const { status } = await fetch(new URL('/ready', address));
    const rssMb = readResidentMb(child.pid);

    process.stdout.write(`started in ${startMs} ms, resident ${rssMb ?? '?'} MB\n`);
    expect(status).toBe(200);
    // The goal is 1,000 on a quiet machine; this one may be anything but.
    expect(startMs).toBeLessThan(30_000);
    // Between 157 and 164 on one machine, as its garbage collector happens to run. Node.js 22 takes more by itself.
    expect(rssMb ?? 0).toBeLessThan(process.versions.node.startsWith('22.') ? 185 : 170);
  });
});

function readResidentMb(pid: number | undefined): number | undefined {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

describe('refuses to start, with exit code 1 and nothing on standard output,', () => {
  test('without a key and without --sandbox', async () => {
    await using started = startGatewayProcess([], { PORT: '0' });
    const { output, ended } = started;

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.stdout).toBe('');
    expect(output.stderr).toContain('APIVIDEO_API_KEY: expected the key of an api.video project');
    expect(output.stderr).toContain('--sandbox');
    expect(output.stderr).not.toContain('    at ');
  });

  test('with a wrong configuration, all faults in one message', async () => {
    await using started = startGatewayProcess(['--sandbox'], {
      PORT: 'http',
      HOST: '0.0.0.0',
      MAX_IDS: '0',
      APIVIDEO_API_KEY: 'a secret key',
    });
    const { output, ended } = started;

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.stdout).toBe('');
    expect(output.stderr.trimEnd().split('\n')).toEqual([
      'The configuration is wrong:',
      expect.stringMatching(/^ {2}PORT: /),
      expect.stringMatching(/^ {2}APIVIDEO_API_KEY: /),
      expect.stringMatching(/^ {2}MAX_IDS: /),
      expect.stringMatching(/^ {2}HOST: /),
    ]);
    expect(output.stderr).not.toContain('secret');
  });

  test('with a port that is taken, in one line that says what to do', async () => {
    await using taken = await listen(createServer());
    const { port } = taken;

    await using started = startGatewayProcess(['--sandbox'], { PORT: String(port) });
    const { output, ended } = started;

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.stdout).toBe('');
    expect(output.stderr).toBe(
      `Cannot listen on 127.0.0.1:${port}: another process already does. Stop that process, or set PORT to another port, or to 0 for any free port.\n`,
    );
  });

  test('with an option that it does not know', async () => {
    await using started = startGatewayProcess(['--sandbocks'], { PORT: '0' });
    const { output, ended } = started;

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output.stderr).toContain("Unknown option '--sandbocks'");
    expect(output.stderr).not.toContain('    at ');
  });
});

test.each([
  ['--help', /^Usage: apivideo-graphql \[--sandbox\]\n +apivideo-graphql check /],
  ['--version', /^\d+\.\d+\.\d+\n$/],
])('says on %s what it is, serves nothing, and needs no configuration', async (option, text) => {
  await using started = startGatewayProcess([option], {});
  const { output, ended } = started;

  expect(await ended).toEqual({ code: 0, signal: null });
  expect(output.stdout).toMatch(text);
  expect(output.stderr).toBe('');
});

test('ends with 0 on Ctrl-C', async () => {
  await using started = startGatewayProcess(['--sandbox'], { PORT: '0' });
  const { child, url, ended } = started;
  await url;

  child.kill('SIGINT');

  expect(await ended).toEqual({ code: 0, signal: null });
});

describe('on SIGTERM', () => {
  /** A gateway process in front of a sandbox of the test's own, so that the test can slow it down. */
  async function startInFrontOfSandbox() {
    const stack = new AsyncDisposableStack();
    const { videos, ids } = createVideos(3);
    const sandbox = stack.use(await startSandbox({ videos }));
    const gateway = startGatewayProcess([], {
      PORT: '0',
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: sandbox.url,
      VIDEO_RESTORE: 'on',
    });
    stack.use(gateway);
    const url = await gateway.url;
    const started = stack.move();
    return { ...gateway, url, sandbox, ids, [Symbol.asyncDispose]: () => started.disposeAsync() };
  }

  test('ends with 0, also with a connection kept alive', async () => {
    await using started = await startInFrontOfSandbox();
    const { child, url, ended, output } = started;
    using agents = new DisposableStack();
    const agent = agents.adopt(new Agent({ keepAlive: true }), (each) => each.destroy());
    const message = request(new URL('/health', url), { agent }).end();
    const [response] = await once(message, 'response');
    response.resume();
    await once(response, 'end');

    child.kill('SIGTERM');

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(readLines(output.stdout).at(-1)).toMatchObject({ msg: 'stopped' });
  });

  test('ends at once, also with a connection that was opened in advance', async () => {
    await using started = await startInFrontOfSandbox();
    const { child, url, ended } = started;
    using sockets = new DisposableStack();
    const socket = sockets.adopt(connect(Number(new URL(url).port), '127.0.0.1'), (each) => each.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    // The gateway has accepted it before this one.
    await ask(url, '{ __typename }');

    const signalledAt = performance.now();
    child.kill('SIGTERM');

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(5_000);
  });

  test('answers a deletion that is under way, and takes no new connection', async () => {
    await using started = await startInFrontOfSandbox();
    const { child, url, ended, sandbox, ids } = started;
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    sandbox.setFault(({ method }) => {
      if (method !== 'DELETE') return undefined;
      resolve();
      return { kind: 'delay', ms: 700 };
    });
    const deletion = ask(
      url,
      'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }',
      { ids: ids.slice(0, 1) },
    );
    await reached;

    child.kill('SIGTERM');

    expect(await deletion).toEqual({
      data: { deleteVideos: { results: [{ __typename: 'VideoRemoved', videoId: ids[0] }] } },
    });
    expect(await ended).toEqual({ code: 0, signal: null });
    await expect(fetch(url)).rejects.toThrow();
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'])(
    'answers what is under way though more signals come: %s',
    async (signal) => {
      await using started = await startInFrontOfSandbox();
      const { child, url, ended, output, sandbox, ids } = started;
      const { promise: reached, resolve } = Promise.withResolvers<void>();
      sandbox.setFault(({ method }) => {
        if (method !== 'DELETE') return undefined;
        resolve();
        return { kind: 'delay', ms: 700 };
      });
      const query = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }';
      const deletion = ask(url, query, { ids: ids.slice(0, 1) });
      await reached;

      child.kill(signal);
      await eventually(() => expect(output.stdout).toContain('finishing the requests in flight'));
      child.kill('SIGTERM');
      child.kill('SIGINT');

      expect(await deletion).toEqual({
        data: { deleteVideos: { results: [{ __typename: 'VideoRemoved', videoId: ids[0] }] } },
      });
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(readLines(output.stdout)).toContainEqual(
        expect.objectContaining({ audit: true, videoId: ids[0], outcome: 'removed' }),
      );
    },
  );

  test('answers what it knows within ten seconds, also where upstream never answers', async () => {
    await using started = await startInFrontOfSandbox();
    const { child, url, ended, sandbox, ids } = started;
    const { promise: reached, resolve } = Promise.withResolvers<string>();
    // Which one is deleted first depends on which one is looked up first.
    sandbox.setFault(({ method, videoId = '' }) => {
      if (method !== 'DELETE') return undefined;
      resolve(videoId);
      return { kind: 'hang', acts: true };
    });
    const query =
      'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { ... on VideoFailure { code } } } }';
    const deletion = ask(url, query, { ids });
    const deleted = await reached;

    const signalledAt = performance.now();
    child.kill('SIGTERM');

    expect(await deletion).toEqual({
      data: {
        deleteVideos: {
          results: ids.map((each) => ({
            code: each === deleted ? 'OUTCOME_UNKNOWN' : 'NOT_ATTEMPTED',
          })),
        },
      },
    });
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(12_000);
    expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  }, 180_000);
});
