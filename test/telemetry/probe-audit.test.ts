// The probe writes what nobody asked for by name: its lines in the audit say so, and on whose behalf.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { firstOf, inTurn } from '../support/plan-faults.ts';
import { toProblem } from '../support/problem.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const DELETE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { requested succeeded failed } results { __typename videoId } } }';

async function start(options: TestGatewayOptions = {}) {
  const { logger, lines } = captureLog('info');
  const started = await startTestGateway({ ...options, logger });
  const remove = (ids: readonly string[], headers: Record<string, string> = {}) =>
    started.post(
      { query: DELETE, variables: { ids } },
      { headers: { 'content-type': 'application/json', ...headers } },
    );
  const probes = () => lines.filter(({ probe }) => probe === true);
  const told = () => probes().map(({ act, videoId, outcome }) => ({ act, videoId, outcome }));
  return { ...started, lines, remove, probes, told };
}

/** A gateway on a sandbox where another one has left its probe video among the removed. */
async function startWithProbe() {
  const { videos, ids } = createVideos(2);
  const [first = '', second = ''] = ids;
  let passed = 0;
  await using stack = new AsyncDisposableStack();
  const before = stack.use(await start({ videos, now: () => Date.now() + passed }));
  await before.remove([first]);
  // Upstream dates a removal to the second: the next one is to be a later one.
  passed = 10_000;
  const { remove, told } = stack.use(await start({ env: { APIVIDEO_BASE_URL: before.sandbox.url } }));
  const probe = String(before.told()[0]?.videoId);
  const started = stack.move();
  return {
    sandbox: before.sandbox,
    probe,
    second,
    removeSecond: () => remove([second]),
    told,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** What upstream saw of writes to others than the caller's videos, as method and id; a creation has no id yet. */
function toOwnWrites(requests: readonly SandboxRequest[], ids: readonly string[]): string[] {
  return requests
    .filter(({ kind, videoId }) => kind === 'write' && !ids.includes(videoId ?? ''))
    .map(({ method, videoId }) => `${method} ${videoId}`);
}

describe('a write of the probe', () => {
  test('has a line that names its caller, and is not among the outcomes of the operation', async () => {
    const { videos, ids } = createVideos(2);
    const env = { APIVIDEO_API_KEY: '', AUTH: 'passthrough', METRICS: 'on' };
    await using started = await start({ videos, env });
    const { remove, lines, probes, told, sandbox, gateway } = started;
    const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;

    const { data } = await remove(ids, { authorization, 'x-request-id': 'clean-up-7' });

    const probe = probes()[0]?.videoId;
    expect(told()).toEqual([
      { act: 'create', videoId: probe, outcome: 'created' },
      { act: 'delete', videoId: probe, outcome: 'removed' },
      { act: 'delete', videoId: probe, outcome: 'alreadyRemoved' },
    ]);
    expect(toOwnWrites(sandbox.requests, ids)).toEqual([
      'POST undefined',
      `DELETE ${probe}`,
      `DELETE ${probe}`,
    ]);
    const caller = expect.stringMatching(/^basic [0-9a-f]{16}$/);
    for (const line of probes())
      expect(line).toMatchObject({ level: 30, audit: true, requestId: 'clean-up-7', caller });
    const operation = lines.find(({ durationMs }) => durationMs !== undefined);
    expect(operation).toMatchObject({ requestId: 'clean-up-7', outcomes: { removed: 2 } });
    expect(operation?.outcomes).toEqual({ removed: 2 });
    expect(data).toEqual({
      deleteVideos: {
        summary: { requested: 2, succeeded: 2, failed: 0 },
        results: ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId })),
      },
    });
    const metrics = await (await gateway.fetch('http://127.0.0.1/metrics')).text();
    expect(metrics.match(/^apivideo_graphql_outcomes_total\{.*$/gm)).toEqual([
      'apivideo_graphql_outcomes_total{act="delete",outcome="removed"} 2',
    ]);
  });

  test('is a restore if the probe video exists already', async () => {
    await using started = await startWithProbe();
    const { probe, removeSecond, told } = started;

    await removeSecond();

    expect(told()).toEqual([
      { act: 'restore', videoId: probe, outcome: 'restored' },
      { act: 'delete', videoId: probe, outcome: 'removed' },
      { act: 'delete', videoId: probe, outcome: 'alreadyRemoved' },
    ]);
  });

  test('reports the probe video as destroyed if Video Restore is off', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await start({ videos, videoRestore: false });
    const { remove, told, sandbox } = started;

    await remove(ids);

    const probe = told()[0]?.videoId;
    expect(told()).toEqual([
      { act: 'create', videoId: probe, outcome: 'created' },
      { act: 'delete', videoId: probe, outcome: 'destroyed' },
    ]);
    expect(sandbox.state(String(probe))).toBe('absent');
  });

  test('reports an unknown outcome, even without an id, and a refusal by upstream', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await start({ videos });
    const { remove, told, sandbox } = started;
    let creations = 0;
    let deletions = 0;
    sandbox.setFault(({ method, path, videoId }) => {
      if (method === 'POST' && path === '/videos') {
        creations += 1;
        return creations === 1 ? { kind: 'reset', acts: false } : undefined;
      }
      if (method !== 'DELETE' || ids.includes(videoId ?? '')) return undefined;
      deletions += 1;
      return deletions === 1 ? { kind: 'answer', acts: false, status: 400, body: toProblem(400) } : undefined;
    });

    await remove(ids);

    const probe = told()[1]?.videoId;
    expect(told()).toEqual([
      { act: 'create', videoId: undefined, outcome: 'OUTCOME_UNKNOWN' },
      { act: 'create', videoId: probe, outcome: 'created' },
      { act: 'delete', videoId: probe, outcome: 'UPSTREAM_REJECTED' },
      { act: 'delete', videoId: probe, outcome: 'removed' },
      { act: 'delete', videoId: probe, outcome: 'alreadyRemoved' },
    ]);
  });

  test('is not reported as restored or removed if upstream acknowledged it but the video shows otherwise', async () => {
    await using started = await startWithProbe();
    const { sandbox, probe, removeSecond, told } = started;
    const body = JSON.stringify({ videoId: probe, discarded: true });
    sandbox.setFault(
      firstOf(
        inTurn([probe], 'PATCH', [{ kind: 'answer', acts: false, status: 200, body }]),
        inTurn([probe], 'DELETE', [{ kind: 'answer', acts: false, status: 204 }]),
      ),
    );

    await removeSecond();

    expect(told()).toEqual([
      { act: 'restore', videoId: probe, outcome: 'OUTCOME_UNKNOWN' },
      // It shows the removal of before.
      { act: 'delete', videoId: probe, outcome: 'OUTCOME_UNKNOWN' },
      { act: 'restore', videoId: probe, outcome: 'restored' },
      { act: 'delete', videoId: probe, outcome: 'removed' },
      { act: 'delete', videoId: probe, outcome: 'alreadyRemoved' },
    ]);
  });

  test('reports that there was nothing to restore, or that upstream refused the credentials', async () => {
    await using started = await startWithProbe();
    const { sandbox, probe, removeSecond, second, told } = started;
    const missing = JSON.stringify({
      type: 'https://docs.api.video/reference/resource-not-found',
      status: 404,
    });
    sandbox.setFault(({ method, path }) => {
      if (method === 'PATCH') return { kind: 'answer', acts: false, status: 404, body: missing };
      return method === 'POST' && path === '/videos'
        ? { kind: 'answer', acts: false, status: 401 }
        : undefined;
    });

    await removeSecond();

    expect(told()).toEqual([
      { act: 'restore', videoId: probe, outcome: 'UPSTREAM_REJECTED' },
      { act: 'create', videoId: undefined, outcome: 'UPSTREAM_UNAUTHORIZED' },
    ]);
    expect(sandbox.state(second)).toBe('live');
  });

  test('has no line if it was not sent', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await start({ videos, limits: { reads: 500, writes: 0 } });
    const { remove, told, lines, sandbox } = started;

    await remove(ids);

    expect(told()).toEqual([]);
    expect(sandbox.requests.filter(({ kind, status }) => kind === 'write' && status !== 429)).toEqual([]);
    expect(lines.filter(({ audit }) => audit)).toMatchObject([{ outcome: 'NOT_ATTEMPTED' }]);
  });

  test('belongs to the request that began the probe, even if another waits for it', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await start({ videos, latencyMs: 30 });
    const { remove, probes, lines, sandbox } = started;
    const [first = '', second = ''] = ids;

    const began = remove([first], { 'x-request-id': 'began' });
    await eventually(() =>
      expect(sandbox.requests.some(({ method, path }) => method === 'POST' && path === '/videos')).toBe(true),
    );
    await Promise.all([began, remove([second], { 'x-request-id': 'joined' })]);

    expect(probes().map(({ requestId }: LogLine) => requestId)).toEqual(['began', 'began', 'began']);
    const others = lines.filter(({ audit, probe }) => audit === true && probe === undefined);
    expect(others.map(({ requestId, videoId }) => [requestId, videoId]).sort()).toEqual([
      ['began', first],
      ['joined', second],
    ]);
  });
});
