// What an OpenTelemetry collector is sent.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;
const ERROR = 2;

const DELETE = 'mutation Clean($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }';

async function start(options: TestGatewayOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const collector = stack.use(await startCollector());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '1', ...options.env };
  const gateway = stack.use(await startTestGateway({ ...options, env }));
  const resources = stack.move();
  return { collector, gateway, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Waits until the spans of so many operations have arrived, and one of each call that upstream saw. */
async function collect(collector: Collector, { sandbox }: TestGateway, operations: number): Promise<void> {
  const find = (wanted: number) => collector.spans.filter(({ kind }) => kind === wanted);
  await eventually(() => {
    expect(find(SERVER)).toHaveLength(operations);
    expect(find(CLIENT)).toHaveLength(sandbox.requests.length);
  });
}

function ask(
  { gateway }: TestGateway,
  query: string,
  variables = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
}

describe('traces', () => {
  test('have a span for the operation, and under it one for each call that upstream saw', async () => {
    const { videos, ids } = createVideos(5);
    await using both = await start({ videos });
    const { collector, gateway: started } = both;

    await ask(started, DELETE, { ids }, { 'x-request-id': 'r-1' });
    await collect(collector, started, 1);

    const [operation, ...others] = collector.spans.filter(({ kind }) => kind === SERVER);
    const calls = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(others).toEqual([]);
    expect(operation).toMatchObject({
      name: 'mutation',
      attributes: {
        'graphql.operation.name': 'Clean',
        'graphql.operation.type': 'mutation',
        'apivideo_graphql.field': 'deleteVideos',
        'apivideo_graphql.request_id': 'r-1',
        'apivideo_graphql.status': 'ok',
        'apivideo_graphql.upstream_calls': started.sandbox.requests.length,
        'apivideo_graphql.outcomes.removed': ids.length,
      },
    });
    expect(calls).toHaveLength(started.sandbox.requests.length);
    for (const call of calls) {
      expect(call).toMatchObject({ traceId: operation?.traceId, parentSpanId: operation?.spanId });
      expect(call.endTimeUnixNano).toBeGreaterThan(call.startTimeUnixNano);
    }
    const deletions = calls.filter(({ name }) => name === 'DELETE /videos/{videoId}');
    expect(deletions.map(({ attributes }) => attributes)).toEqual(
      started.sandbox.requests
        .filter(({ method }) => method === 'DELETE')
        .map(({ status }) => ({
          'http.request.method': 'DELETE',
          'url.full': `${started.sandbox.url}/videos/REDACTED`,
          'url.template': '/videos/{videoId}',
          'server.address': '127.0.0.1',
          'server.port': Number(new URL(started.sandbox.url).port),
          'http.response.status_code': status,
          ...(status !== undefined && status >= 400 && { 'error.type': String(status) }),
        })),
    );
    expect(new Set(collector.services)).toEqual(new Set(['apivideo-graphql']));
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
  });

  test('continue the trace of the caller, and are continued upstream, call by call', async () => {
    await using both = await start();
    const { collector, gateway: started } = both;
    const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`;

    await ask(started, '{ videos { totalCount } }', {}, { traceparent, tracestate: 'vendor=value' });
    await collect(collector, started, 1);

    const operation = collector.spans.find(({ kind }) => kind === SERVER);
    expect(operation).toMatchObject({ traceId: TRACE_ID, parentSpanId: PARENT_ID });
    const sent = started.sandbox.requests.map(({ headers }) => headers.traceparent);
    const calls = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(sent.length).toBeGreaterThan(0);
    expect(new Set(sent)).toEqual(new Set(calls.map(({ spanId }) => `00-${TRACE_ID}-${spanId}-01`)));
    expect(started.sandbox.requests.map(({ headers }) => headers.tracestate)).toEqual(
      sent.map(() => 'vendor=value'),
    );
  });

  test('keep requests apart that are answered at the same time', async () => {
    const { videos, ids } = createVideos(10);
    await using both = await start({ videos, latencyMs: 10 });
    const { collector, gateway: started } = both;

    await Promise.all(ids.map((id) => ask(started, `{ video(id: "${id}") { title } }`)));
    await collect(collector, started, ids.length);

    const operations = collector.spans.filter(({ kind }) => kind === SERVER);
    const reads = collector.spans.filter(({ name }) => name === 'GET /videos/{videoId}');
    expect(new Set(operations.map(({ traceId }) => traceId)).size).toBe(ids.length);
    expect(reads.map(({ traceId }) => traceId).toSorted()).toEqual(
      operations.map(({ traceId }) => traceId).toSorted(),
    );
  });

  test.each(['junk', `00-${'0'.repeat(32)}-${PARENT_ID}-01`, `ff-${TRACE_ID}-${PARENT_ID}-01`])(
    'begin anew where the caller sent no valid traceparent: %s',
    async (traceparent) => {
      await using both = await start();
      const { collector, gateway: started } = both;

      const response = await ask(started, '{ videoRestore { status } }', {}, { traceparent });
      await collect(collector, started, 1);

      expect(response.status).toBe(200);
      const [operation] = collector.spans;
      expect(operation?.parentSpanId ?? '').toBe('');
      expect(operation?.traceId).not.toBe(TRACE_ID);
    },
  );

  test('mark calls without an answer or with 5xx, and operations that failed through them', async () => {
    await using both = await start();
    const { collector, gateway: started } = both;
    let count = 0;
    started.sandbox.setFault(({ kind }) => {
      if (kind === 'auth') return undefined;
      count += 1;
      return count === 1 ? { kind: 'reset', acts: false } : { kind: 'answer', acts: false, status: 502 };
    });

    await ask(started, '{ videos { totalCount } }');
    await collect(collector, started, 1);

    const reads = collector.spans.filter(({ name }) => name === 'GET /videos');
    expect(reads).toMatchObject([
      { status: { code: ERROR }, attributes: { 'error.type': 'lost' } },
      { status: { code: ERROR }, attributes: { 'http.response.status_code': 502, 'error.type': '502' } },
    ]);
    expect(collector.spans.filter(({ kind }) => kind === SERVER)).toMatchObject([
      {
        name: 'query',
        status: { code: ERROR },
        attributes: {
          'error.type': 'UPSTREAM_UNAVAILABLE',
          'apivideo_graphql.error_codes': ['UPSTREAM_UNAVAILABLE'],
        },
      },
    ]);
  });

  test('mark a 4xx of upstream, and no operation that the client got wrong', async () => {
    await using both = await start();
    const { collector, gateway: started } = both;

    const { status } = await ask(started, '{ nothing }', {}, { accept: 'application/graphql-response+json' });
    await ask(started, '{ video(id: "vi4k0jvEUuaTdRAEjQ4Jfrgz") { title } }');
    await collect(collector, started, 2);

    const operations = collector.spans.filter(({ kind }) => kind === SERVER);
    expect(status).toBe(400);
    expect(operations).toMatchObject([
      {
        name: 'GraphQL Operation',
        status: {},
        attributes: {
          'http.response.status_code': 400,
          'apivideo_graphql.error_codes': ['GRAPHQL_VALIDATION_FAILED'],
        },
      },
      { name: 'query', status: {}, attributes: { 'http.response.status_code': 200 } },
    ]);
    expect(operations[0]?.attributes).not.toHaveProperty('graphql.operation.type');
    for (const { status, attributes } of operations) {
      expect(status.code ?? 0).toBe(0);
      expect(attributes).not.toHaveProperty('error.type');
    }
    const missed = collector.spans.filter(
      ({ attributes }) => attributes['http.response.status_code'] === 404,
    );
    expect(missed.length).toBeGreaterThan(0);
    for (const each of missed)
      expect(each).toMatchObject({ status: { code: ERROR }, attributes: { 'error.type': '404' } });
  });

  test('show who asked, and how it was answered, with texts of the client cut short', async () => {
    await using stack = new AsyncDisposableStack();
    const collector = stack.use(await startCollector());
    const gateway = stack.use(
      await startListeningGateway({
        env: {
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          TRUSTED_PROXIES: '127.0.0.1',
          ALLOW_UNAUTHENTICATED: 'true',
        },
      }),
    );

    const answer = await gateway.send({
      method: 'POST',
      path: '/graphql?secret=theQuery',
      headers: {
        host: `localhost:${gateway.port}`,
        'content-type': 'application/json',
        'user-agent': `agent ${'x'.repeat(10_000)}`,
        'x-forwarded-for': '203.0.113.7',
      },
      body: [JSON.stringify({ query: `query ${'N'.repeat(1_000)} { videos { totalCount } }` })],
    });
    await collect(collector, gateway, 1);

    expect(answer.status).toBe(200);
    const operations = collector.spans.filter(({ kind }) => kind === SERVER);
    expect(operations.map(({ attributes }) => attributes)).toMatchObject([
      {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'url.path': '/graphql',
        'url.scheme': 'http',
        'server.address': 'localhost',
        'server.port': gateway.port,
        'client.address': '203.0.113.7',
        'user_agent.original': `agent ${'x'.repeat(250)}`,
        'http.response.status_code': 200,
        'graphql.operation.name': 'N'.repeat(100),
      },
    ]);
    expect(collector.text).not.toContain('theQuery');
  });

  test('join the check of credentials with the request, and end with a refusal', async () => {
    await using both = await start({ env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough' } });
    const { collector, gateway: started } = both;
    const authorization = `Basic ${Buffer.from('wrong-key:').toString('base64')}`;

    const response = await ask(started, '{ videos { totalCount } }', {}, { authorization });
    await ask(started, '{ videos { totalCount } }');
    await collect(collector, started, 2);

    expect(response.status).toBe(401);
    const [refused, unnamed] = collector.spans.filter(({ kind }) => kind === SERVER);
    for (const operation of [refused, unnamed])
      expect(operation).toMatchObject({
        name: 'GraphQL Operation',
        status: { code: 0 },
        attributes: { 'http.response.status_code': 401 },
      });
    const calls = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(calls).toHaveLength(started.sandbox.requests.length);
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls)
      expect(call).toMatchObject({ traceId: refused?.traceId, parentSpanId: refused?.spanId });
  });

  test('end with a request whose client has left', async () => {
    await using stack = new AsyncDisposableStack();
    const collector = stack.use(await startCollector());
    const { videos, ids } = createVideos(3);
    const log = captureLog('info');
    const started = stack.use(
      await startListeningGateway({
        videos,
        latencyMs: 100,
        logger: log.logger,
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      }),
    );
    const leaving = new AbortController();
    const asked = fetch(`${started.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: DELETE, variables: { ids } }),
      signal: leaving.signal,
    }).catch(() => {});
    await eventually(() => expect(started.calls().length).toBeGreaterThan(0));
    leaving.abort();
    await asked;
    await eventually(() => expect(log.lines.some(({ durationMs }) => durationMs !== undefined)).toBe(true));
    await collect(collector, started, 1);

    const [operation] = collector.spans.filter(({ kind }) => kind === SERVER);
    expect(operation).toMatchObject({ name: 'mutation' });
    const calls = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(calls.length).toBeGreaterThan(0);
    for (const { traceId } of calls) expect(traceId).toBe(operation?.traceId);
  });

  test('show no id of a video, variable, document or credential', async () => {
    const { videos, ids } = createVideos(2);
    await using both = await start({ videos });
    const { collector, gateway: started } = both;
    const [id = ''] = ids;

    await ask(
      started,
      `query ($tag: String!) { alias: video(id: "${id}") { title } videos(filter: { tags: [$tag] }) { totalCount } }`,
      { tag: 'customer-4711' },
      { authorization: 'Bearer callers-own' },
    );
    await ask(started, DELETE, { ids });
    await collect(collector, started, 2);

    const tokens = started.sandbox.requests.flatMap(({ headers }) => headers.authorization ?? []);
    expect(collector.spans.length).toBeGreaterThan(4);
    for (const hidden of [...tokens, ...ids, 'sandbox-key', 'customer-4711', 'callers-own', 'alias']) {
      expect(collector.text).not.toContain(hidden.replace('Bearer ', ''));
    }
  });
});

test('without OTEL_EXPORTER_OTLP_ENDPOINT no trace goes upstream', async () => {
  await using started = await startTestGateway();

  await ask(started, '{ videos { totalCount } }', {}, { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` });

  expect(started.sandbox.requests.map(({ headers }) => headers.traceparent)).toEqual([undefined, undefined]);
});
