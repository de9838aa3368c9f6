// What an OpenTelemetry collector is sent.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { startCollector } from '../support/collector.ts';
import { createVideos } from '../support/create-videos.ts';
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
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...options.env };
  const gateway = stack.use(await startTestGateway({ ...options, env }));
  const resources = stack.move();
  return { collector, gateway, [Symbol.asyncDispose]: () => resources.disposeAsync() };
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
    await started.gateway.close();

    const [operation, ...others] = collector.spans.filter(({ kind }) => kind === SERVER);
    const calls = collector.spans.filter(({ kind }) => kind === CLIENT);
    expect(others).toEqual([]);
    expect(operation).toMatchObject({
      name: 'mutation deleteVideos',
      attributes: {
        'graphql.operation.name': 'Clean',
        'graphql.operation.type': 'mutation',
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
          'url.template': '/videos/{videoId}',
          'http.response.status_code': status,
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
    await started.gateway.close();

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
    await started.gateway.close();

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
      await started.gateway.close();

      expect(response.status).toBe(200);
      const [operation] = collector.spans;
      expect(operation?.parentSpanId ?? '').toBe('');
      expect(operation?.traceId).not.toBe(TRACE_ID);
    },
  );

  test('mark what failed: calls without an answer or with 5xx, and operations without data', async () => {
    await using both = await start();
    const { collector, gateway: started } = both;
    let count = 0;
    started.sandbox.setFault(({ kind }) => {
      if (kind === 'auth') return undefined;
      count += 1;
      return count === 1 ? { kind: 'reset', acts: false } : { kind: 'answer', acts: false, status: 502 };
    });

    await ask(started, '{ videos { totalCount } }');
    await ask(started, '{ nothing }');
    await started.gateway.close();

    const reads = collector.spans.filter(({ name }) => name === 'GET /videos');
    expect(reads).toMatchObject([
      { status: { code: ERROR }, attributes: { 'error.type': 'lost' } },
      { status: { code: ERROR }, attributes: { 'http.response.status_code': 502 } },
    ]);
    const operations = collector.spans.filter(({ kind }) => kind === SERVER);
    expect(
      operations.map(({ name, attributes }) => [name, attributes['apivideo_graphql.error_codes']]),
    ).toEqual([
      ['query videos', ['UPSTREAM_UNAVAILABLE']],
      ['invalid operation', ['GRAPHQL_VALIDATION_FAILED']],
    ]);
    expect(operations[1]?.status).toEqual({ code: ERROR });
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
    await started.gateway.close();

    const tokens = started.sandbox.requests.flatMap(({ headers }) => headers.authorization ?? []);
    expect(collector.spans.length).toBeGreaterThan(4);
    for (const hidden of [...tokens, ...ids, 'sandbox-key', 'customer-4711', 'callers-own', 'alias']) {
      expect(collector.text).not.toContain(hidden.replace('Bearer ', ''));
    }
  });

  test('hold nothing up if there is no collector', async () => {
    await using started = await startTestGateway({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' },
    });

    const { data } = await started.post({ query: '{ videos { totalCount } }' });
    const beganAt = performance.now();
    await started.gateway.close();

    expect(data).toEqual({ videos: { totalCount: 0 } });
    expect(performance.now() - beganAt).toBeLessThan(3_000);
  });
});

test('without OTEL_EXPORTER_OTLP_ENDPOINT no trace goes upstream', async () => {
  await using started = await startTestGateway();

  await ask(started, '{ videos { totalCount } }', {}, { traceparent: `00-${TRACE_ID}-${PARENT_ID}-01` });

  expect(started.sandbox.requests.map(({ headers }) => headers.traceparent)).toEqual([undefined, undefined]);
});
