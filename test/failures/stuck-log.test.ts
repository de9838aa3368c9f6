// Nobody reads the log, or its disk is full: the gateway goes on, and writes nothing upstream that the audit would miss.
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createFifo, type Fifo } from '../support/fifo.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { countEach } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const toMutation = (field: string) =>
  `mutation ($ids: [ID!]!) { ${field}(ids: $ids) { results { __typename videoId ... on VideoFailure { code } } } }`;
const DELETE = toMutation('deleteVideos');
const RESTORE = toMutation('restoreVideos');

async function start(options: TestGatewayOptions = {}) {
  const fifo = createFifo();
  const logger = await createLogger('info', { isTTY: false, fd: fifo.fd });
  const started = await startTestGateway({ ...options, logger });
  return {
    ...started,
    fifo,
    logger,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      fifo[Symbol.dispose]();
    },
  };
}

/** The code of each failure, and the type of each other result, by video. */
async function act({ post }: TestGateway, query: string, ids: readonly string[]) {
  const { data } = await post({ query, variables: { ids } });
  return toOutcomes(data);
}

function toOutcomes(data: unknown): Map<string, string> {
  const [payload] = Object.values(Object(data));
  const results: Record<string, string>[] = Object(payload).results;
  return new Map(
    results.map(({ videoId = '', code, __typename = '' }) => [
      videoId,
      code ?? __typename.replace('Video', '').toLowerCase(),
    ]),
  );
}

function readAudit(fifo: Fifo): [videoId: string, outcome: string][] {
  const lines = fifo.read().split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ audit, probe }) => audit && !probe)
    .map(({ videoId, outcome }) => [videoId, outcome]);
}

const countWrites = (sandbox: Sandbox) => sandbox.requests.filter(({ kind }) => kind === 'write').length;

async function ask({ gateway }: TestGateway, path: string): Promise<string> {
  return (await gateway.fetch(`http://127.0.0.1${path}`)).text();
}

async function send(url: string, query: string, variables = {}) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}

describe('a log that its reader leaves', () => {
  test('stops a batch: each video was sent and is in the audit, or was not sent and can be deleted again', async () => {
    const { videos, ids } = createVideos(100);
    await using started = await start({ videos, latencyMs: 50 });
    const { fifo, sandbox } = started;
    const deleted = () => countEach(sandbox, ids, 'DELETE');
    const answering = act(started, DELETE, ids);
    await eventually(() => expect(deleted().filter(Boolean).length).toBeGreaterThan(20));

    fifo.leave();

    const outcomes = await answering;
    const sent = ids.filter((_, index) => deleted()[index]);
    const unsent = ids.filter((_, index) => !deleted()[index]);
    expect(unsent.length).toBeGreaterThan(20);
    for (const id of sent) expect([id, outcomes.get(id)]).toEqual([id, 'removed']);
    for (const id of unsent) expect([id, outcomes.get(id)]).toEqual([id, 'NOT_ATTEMPTED']);
    fifo.comeBack();
    await eventually(() => expect(readAudit(fifo).sort()).toEqual([...outcomes].sort()));
    expect(fifo.read().match(/"outcome":"NOT_ATTEMPTED","reason":"log"/g)).toHaveLength(unsent.length);
    await eventually(async () => expect(await ask(started, '/ready')).toContain('"log":"ok"'));
    expect([...(await act(started, DELETE, unsent)).values()]).toEqual(unsent.map(() => 'removed'));
    expect(deleted()).toEqual(ids.map(() => 1));
  });

  test('lets nothing be deleted, restored or probed, but reads, and shows it without a line', async () => {
    const { videos, ids } = createVideos(3);
    const { videos: gone, ids: removed } = createRemovedVideos(3);
    await using started = await start({ videos: [...videos, ...gone] });
    const { fifo, sandbox, post, logger } = started;
    expect(await ask(started, '/ready')).toContain('"log":"ok"');
    fifo.leave();
    await post({ query: '{ __typename }' });

    expect([...(await act(started, DELETE, ids)).values()]).toEqual(Array(3).fill('NOT_ATTEMPTED'));
    expect([...(await act(started, RESTORE, removed)).values()]).toEqual(Array(3).fill('NOT_ATTEMPTED'));
    expect(sandbox.requests).toEqual([]);
    const { data } = await post({ query: '{ videos { totalCount } }' });
    expect(data).toEqual({ videos: { totalCount: 3 } });
    for (let n = 0; n < 50; n += 1) logger.info({ pad: 'x'.repeat(100_000) }, 'a long line');
    const { status } = await started.gateway.fetch('http://127.0.0.1/ready');
    expect([status, await ask(started, '/ready')]).toEqual([200, expect.stringContaining('"log":"stuck"')]);
    const metrics = await ask(started, '/metrics');
    expect(metrics).toContain('apivideo_graphql_log_stuck 1\n');
    expect(metrics).toMatch(/^apivideo_graphql_log_lines_lost_total\{kind="audit"\} 0$/m);
    const [, lost] =
      /^apivideo_graphql_log_lines_lost_total\{kind="other"\} ([1-9]\d*)$/m.exec(metrics) ?? [];
    expect(lost).toBeDefined();

    fifo.comeBack();

    await eventually(() => {
      fifo.read();
      expect(readAudit(fifo)).toHaveLength(6);
      expect(fifo.read().slice(-1_000)).toContain(`"lost":{"audit":0,"unsent":0,"other":${lost}}`);
    });
    expect(await ask(started, '/metrics')).toContain('apivideo_graphql_log_stuck 0\n');
    expect([...(await act(started, DELETE, ids)).values()]).toEqual(Array(3).fill('removed'));
  });

  test('stops a probe before its next write, and no video of a caller is deleted', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await start({ videos });
    const { fifo, sandbox, logger } = started;
    sandbox.setFault(({ method, path }) => {
      // The probe creates its video, and is about to delete it.
      if (method === 'POST' && path === '/videos') {
        fifo.leave();
        logger.info('a line');
      }
      return undefined;
    });

    expect([...(await act(started, DELETE, ids)).values()]).toEqual(Array(2).fill('NOT_ATTEMPTED'));

    expect(countWrites(sandbox)).toBe(1);
    fifo.comeBack();
    await eventually(() => expect(fifo.read()).toContain('"act":"create"'));
  });
});

test('does not report the state of another logger, and holds nothing back for it', async () => {
  const { logger } = captureLog('info');
  await using started = await startTestGateway({ logger });

  expect(JSON.parse(await ask(started, '/ready'))).not.toHaveProperty('log');
  expect(await ask(started, '/metrics')).not.toContain('log_stuck');
});

// One after the other: starting a process takes as much as everything else here.
describe('a process', { concurrent: false }, () => {
  /** With the pipe as its standard output. */
  async function startInto(fifo: Fifo) {
    const { videos, ids } = createVideos(3);
    const stack = new AsyncDisposableStack();
    const sandbox = stack.use(await startSandbox({ videos }));
    const upstream = { APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url };
    const env = { PORT: '0', VIDEO_RESTORE: 'on', ...upstream };
    const gateway = startGatewayProcess([], env, { stdout: fifo.fd });
    stack.use(gateway);
    const url = await eventually(() => {
      const [found] = /http:\/\/[\d.:]+\/graphql/.exec(fifo.read()) ?? [];
      if (!found) throw new Error('the gateway does not listen yet');
      return found;
    });
    const remove = async () => [...toOutcomes((await send(url, DELETE, { ids })).data).values()];
    const started = stack.move();
    return { ...gateway, sandbox, url, remove, [Symbol.asyncDispose]: () => started.disposeAsync() };
  }

  test.each<['nobody reads' | 'has no reader', NodeJS.Signals]>([
    ['nobody reads', 'SIGTERM'],
    ['has no reader', 'SIGTERM'],
    ['has no reader', 'SIGINT'],
  ])('whose log %s ends on %s: with 1, because an audit line is lost', async (fault, signal) => {
    using fifo = createFifo();
    await using started = await startInto(fifo);
    const { child, ended, remove, sandbox } = started;
    // The audit lines of writes that were sent before anybody could know.
    sandbox.setFault(({ method }) => {
      if (method === 'DELETE') fault === 'nobody reads' ? fifo.fill() : fifo.leave();
      return undefined;
    });
    expect(await remove()).toContain('removed');

    const signalledAt = performance.now();
    child.kill(signal);

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(10_000);
  });

  test('whose reader comes back in time ends with 0, and with every line', async () => {
    using fifo = createFifo();
    await using started = await startInto(fifo);
    const { child, ended, remove } = started;
    fifo.fill();
    expect(await remove()).toEqual(Array(3).fill('removed'));

    child.kill('SIGTERM');
    await eventually(() => expect(fifo.read()).toContain('"stopped"'));

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(readAudit(fifo).map(([, outcome]) => outcome)).toEqual(Array(3).fill('removed'));
  });

  test('with a full disk serves reads, deletes nothing, and ends with 0: nothing is lost that was sent', async () => {
    await using free = await listen(createServer());
    const { port } = free;
    await free[Symbol.asyncDispose]();
    const full = openSync('/dev/full', 'w');
    await using started = startGatewayProcess(['--sandbox'], { PORT: String(port) }, { stdout: full });
    closeSync(full);
    const { child, ended } = started;
    const url = `http://127.0.0.1:${port}/graphql`;
    const { data } = await eventually(() => send(url, '{ videos(first: 2) { nodes { id } } }'));
    const ids = data.videos.nodes.map(({ id }: { id: string }) => id);

    const deletion = await send(url, DELETE, { ids });

    expect([...toOutcomes(deletion.data).values()]).toEqual(Array(2).fill('NOT_ATTEMPTED'));
    child.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test.each([
    ['a wrong setting', [], 1],
    ['--help', ['--help'], 0],
  ])('ends on %s even if nobody reads what it prints', async (_name, args, code) => {
    using fifo = createFifo();
    fifo.fill();
    await using started = startGatewayProcess(args, {}, { stdout: fifo.fd, stderr: fifo.fd });

    expect(await started.ended).toEqual({ code, signal: null });
  });
});
