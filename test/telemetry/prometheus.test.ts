// What Prometheus reads.
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { always } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

async function scrape({ gateway }: TestGateway): Promise<string> {
  const response = await gateway.fetch('http://127.0.0.1/metrics');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return response.text();
}

/** The value of the one sample with that name and exactly these labels, in any order. */
function read(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  for (const line of text.split('\n')) {
    const [, found, given = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs: readonly string[] = given.match(/\w+="[^"]*"/g) ?? [];
    const isWanted = pairs.length === wanted.length && wanted.every((pair) => pairs.includes(pair));
    if (found === `apivideo_graphql_${name}` && isWanted) return Number(value);
  }
  return undefined;
}

/** The values that a label has in the samples of gateway. */
function valuesOf(text: string, label: string): Set<string> {
  const own = text.split('\n').filter((line) => line.startsWith('apivideo_graphql_'));
  return new Set(own.flatMap((line) => new RegExp(`\\b${label}="([^"]*)"`).exec(line)?.[1] ?? []));
}

const DELETE = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }';

describe('/metrics', () => {
  test('answers HEAD, with which a monitor may ask whether it is there', async () => {
    await using started = await startTestGateway();

    const head = await started.gateway.fetch('http://127.0.0.1/metrics', { method: 'HEAD' });

    expect(head.status).toBe(200);
    expect(head.headers.get('content-type')).toContain('text/plain');
  });

  test('counts what was refused before it was an operation, by its status', async () => {
    await using started = await startTestGateway({ env: { MAX_REQUESTS: '1' } });
    await started.post({ query: '{ __typename }' });
    const reads = [1, 2, 3].map((first) =>
      started.post({ query: `{ videos(first: ${first}) { totalCount } }` }),
    );
    await Promise.all(reads);
    await started.post({ query: '{ __typename }' }, { headers: { 'content-type': 'text/plain' } });
    await started.post({ query: '{ __typename }' }, { headers: { 'sec-fetch-site': 'cross-site' } });

    const text = await scrape(started);

    const count = (status: number) => read(text, 'http_responses_total', { status: String(status) });
    expect([200, 503, 415, 403].map(count)).toEqual([2, 2, 1, 1]);
  });

  test('counts and times operations by root field, type and status', async () => {
    await using started = await startTestGateway();
    for (const query of [
      '{ videos { totalCount } }',
      'query Again { videos { totalCount } }',
      '{ videos { totalCount } removedVideos { totalCount } }',
      '{ __schema { queryType { name } } }',
      '{ nothing }',
    ]) {
      await started.post({ query });
    }

    const text = await scrape(started);

    const count = (field: string, type: string, status: string) =>
      read(text, 'operation_duration_seconds_count', { field, type, status });
    expect(count('videos', 'query', 'ok')).toBe(2);
    expect(count('several', 'query', 'ok')).toBe(1);
    expect(count('introspection', 'query', 'ok')).toBe(1);
    expect(count('invalid', 'invalid', 'failed')).toBe(1);
    expect(read(text, 'errors_total', { code: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
    const seconds = { field: 'videos', type: 'query', status: 'ok' };
    expect(read(text, 'operation_duration_seconds_sum', seconds)).toBeGreaterThan(0);
  });

  test('counts upstream calls as upstream saw them, by route, method and status', async () => {
    const { videos, ids } = createVideos(30);
    await using started = await startTestGateway({ videos });
    const { sandbox, post } = started;
    const [broken = ''] = ids;
    sandbox.setFault(always([broken], 'DELETE', { kind: 'answer', acts: false, status: 503 }));
    await post({ query: DELETE, variables: { ids } });

    const text = await scrape(started);

    const seen = new Map<string, number>();
    for (const { method, path, status } of sandbox.requests) {
      const route = path.replace(/(\/videos\/).+/, '$1{videoId}');
      const key = JSON.stringify({ method, route, status: String(status) });
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    for (const [key, count] of seen) {
      expect({ key, count: read(text, 'upstream_request_duration_seconds_count', JSON.parse(key)) }).toEqual({
        key,
        count,
      });
    }
    expect(read(text, 'outcomes_total', { act: 'delete', outcome: 'removed' })).toBe(29);
    expect(read(text, 'outcomes_total', { act: 'delete', outcome: 'UPSTREAM_UNAVAILABLE' })).toBe(1);
    expect(valuesOf(text, 'route')).toEqual(
      new Set([
        '/auth/api-key',
        '/videos',
        '/discarded/videos',
        '/videos/{videoId}',
        '/discarded/videos/{videoId}',
      ]),
    );
  });

  test('distinguishes calls without a complete answer: sent and lost, or never sent', async () => {
    await using started = await startTestGateway();
    started.sandbox.setFault(({ kind }) => (kind === 'auth' ? undefined : { kind: 'reset', acts: false }));
    await started.post({ query: '{ videos { totalCount } }' });
    await started.sandbox.close();
    await started.post({ query: '{ videos { totalCount } }' });

    const text = await scrape(started);

    const labels = { method: 'GET', route: '/videos' };
    expect(read(text, 'upstream_request_duration_seconds_count', { ...labels, status: 'lost' })).toBe(2);
    expect(read(text, 'upstream_request_duration_seconds_count', { ...labels, status: 'unsent' })).toBe(2);
  });

  test('shows the budget once upstream has reported it, the queue, and the requests in flight', async () => {
    await using started = await startTestGateway({ limits: { reads: 100, writes: 50 } });
    const before = await scrape(started);
    await started.post({ query: '{ videos { totalCount } }' });
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    started.sandbox.setFault(() => {
      resolve();
      return { kind: 'delay', ms: 300 };
    });
    const slow = started.post({ query: '{ videos(first: 3) { totalCount } }' });
    await reached;
    const during = await scrape(started);
    await slow;
    const after = await scrape(started);

    expect(read(after, 'upstream_budget_remaining', { class: 'reads' })).toBe(98);
    expect(read(after, 'upstream_budget_limit', { class: 'reads' })).toBe(100);
    expect(read(after, 'upstream_budget_resets_in_seconds', { class: 'reads' })).toBeGreaterThan(0);
    expect(read(after, 'upstream_budget_resets_in_seconds', { class: 'reads' })).toBeLessThanOrEqual(61);
    for (const name of ['remaining', 'limit', 'resets_in_seconds']) {
      expect(read(before, `upstream_budget_${name}`, { class: 'reads' })).toBeUndefined();
      expect(read(after, `upstream_budget_${name}`, { class: 'writes' })).toBeUndefined();
    }
    expect(read(during, 'upstream_in_flight')).toBe(1);
    expect(read(after, 'upstream_in_flight')).toBe(0);
    expect(read(after, 'upstream_queue_length')).toBe(0);
  });

  test('shows remaining, limit and reset of one project, the one with the fewest requests left', async () => {
    await using started = await startTestGateway({
      apiKey: 'my-key',
      limits: { reads: 100, writes: 50 },
      env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough', METRICS: 'on', READ_CACHE_SECONDS: '0' },
    });
    const { sandbox } = started;
    sandbox.addProject({ apiKey: 'their-key', projectId: 'prTheirs', videos: [] });
    const ask = (key: string) =>
      started.post(
        { query: '{ videos { totalCount } }' },
        {
          headers: {
            'content-type': 'application/json',
            authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
          },
        },
      );
    await ask('my-key');
    sandbox.setFault(() => ({
      kind: 'headers',
      headers: { 'x-ratelimit-limit': '20', 'x-ratelimit-remaining': '7', 'x-ratelimit-retry-after': '9' },
    }));
    await ask('their-key');
    const text = await scrape(started);

    const value = (name: string) => read(text, `upstream_budget_${name}`, { class: 'reads' });
    expect([value('remaining'), value('limit')]).toEqual([7, 20]);
    expect(value('resets_in_seconds')).toBeLessThanOrEqual(12);
  });

  test('follows the rules of Prometheus for names and units', async () => {
    await using started = await startTestGateway();
    await started.post({ query: '{ videos { totalCount } }' });
    const text = await scrape(started);

    expect(text.endsWith('\n')).toBe(true);
    const types = new Map(
      [...text.matchAll(/^# TYPE (apivideo_graphql_\w+) (\w+)$/gm)].map(([, name = '', type]) => [
        name,
        type,
      ]),
    );
    expect(types.size).toBeGreaterThan(9);
    for (const [name, type] of types) {
      expect(text.match(new RegExp(`^# HELP ${name} .`, 'gm')), name).toHaveLength(1);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name, 'base units').not.toMatch(/_(ms|milliseconds|minutes|percent|kilobytes)(_|$)/);
      if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
    }
  });

  test('shows an outage of upstream, and its end', async () => {
    await using started = await startTestGateway({ env: { READ_CACHE_SECONDS: '0' } });
    await started.post({ query: '{ videos { totalCount } }' });
    const before = await scrape(started);
    started.sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 503 }));
    for (let count = 0; count < 6; count += 1) await started.post({ query: '{ videos { totalCount } }' });
    const during = await scrape(started);
    started.sandbox.setFault(undefined);
    for (let isBack = false; !isBack; ) {
      const { errors } = await started.post({ query: '{ videos { totalCount } }' });
      isBack = errors.length === 0;
    }

    const shown = [before, during, await scrape(started)].map((text) => read(text, 'upstream_circuit_open'));
    expect(shown).toEqual([0, 1, 0]);
  });

  test('has the event loop and the process beside it', async () => {
    const text = await scrape(await startTestGateway());

    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });

  test('has no more series for whatever clients send', async () => {
    await using started = await startTestGateway({ upstreamLagMs: 10 });
    const ask = (index: number) =>
      started.post({ query: `query Name${index} { alias${index}: video(id: "video${index}") { id } }` });
    for (let index = 0; index < 5; index += 1) await ask(index);
    await started.post({ query: '{ nothing0 }' });
    const countLines = (text: string) =>
      text.split('\n').filter((line) => line.startsWith('apivideo')).length;
    const few = countLines(await scrape(started));

    for (let index = 5; index < 50; index += 1) await ask(index);
    for (let index = 1; index < 20; index += 1) await started.post({ query: `{ nothing${index} }` });
    const text = await scrape(started);

    expect(countLines(text)).toBe(few);
    expect(text).not.toContain('Name');
    expect(text).not.toContain('video4');
    expect(text).not.toContain('nothing');
  });

  test('costs no upstream call, and keeps two gateways apart', async () => {
    const [one, other] = [await startTestGateway(), await startTestGateway()];
    await one.post({ query: '{ videos { totalCount } }' });
    const calls = one.sandbox.requests.length;

    const labels = { field: 'videos', type: 'query', status: 'ok' };
    expect(read(await scrape(one), 'operation_duration_seconds_count', labels)).toBe(1);
    expect(read(await scrape(other), 'operation_duration_seconds_count', labels)).toBeUndefined();
    expect(one.sandbox.requests).toHaveLength(calls);
    expect(other.sandbox.requests).toEqual([]);
  });

  test('is not there with METRICS=off, nor for another host', async () => {
    await using off = await startTestGateway({ env: { METRICS: 'off' } });
    await using on = await startTestGateway();

    expect((await off.gateway.fetch('http://127.0.0.1/metrics')).status).toBe(404);
    expect((await on.gateway.fetch('http://evil.example/metrics')).status).toBe(403);
  });
});
