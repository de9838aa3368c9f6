// The id of the trace in the log, so that an operator finds a request's trace from its lines, and the other way round.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { startCollector } from '../support/collector.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const SERVER = 2;
const DELETE = 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename } } }';

async function start(options: TestGatewayOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const collector = stack.use(await startCollector());
  const { logger, lines } = captureLog('info');
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '1', ...options.env };
  const started = stack.use(await startTestGateway({ ...options, logger, env }));
  const resources = stack.move();
  const ofRequests = () => lines.filter(({ requestId }) => requestId !== undefined);
  const ask = (body: unknown, traceparent?: string) =>
    started.post(body, {
      headers: { 'content-type': 'application/json', ...(traceparent && { traceparent }) },
    });
  return {
    ...started,
    collector,
    ofRequests,
    ask,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('every line of a request has the id of its trace', () => {
  test('the lines of the operation, of the audit, and of faults', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await start({ videos });
    const { ask, collector, ofRequests, sandbox } = started;

    await ask({ query: DELETE, variables: { ids } });
    await ask({ query: '{ nothing }' });
    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 500 }));
    await ask({ query: '{ videos { totalCount } }' });
    await eventually(() => expect(collector.spans.filter(({ kind }) => kind === SERVER)).toHaveLength(3));

    const traces = new Map(
      collector.spans
        .filter(({ kind }) => kind === SERVER)
        .map(({ traceId, attributes }) => [attributes['apivideo_graphql.request_id'], traceId]),
    );
    expect(traces.size).toBe(3);
    expect(ofRequests().filter(({ audit }) => audit).length).toBeGreaterThanOrEqual(ids.length);
    expect(ofRequests().filter(({ level }) => level === 50).length).toBeGreaterThan(0);
    for (const line of ofRequests()) expect(line.traceId).toBe(traces.get(String(line.requestId)));
  });

  test('also if the trace is not sampled', async () => {
    await using started = await start();
    const { ask, collector, ofRequests, gateway } = started;

    await ask({ query: '{ videos { totalCount } }' }, `00-${TRACE_ID}-${PARENT_ID}-00`);
    await gateway.close();

    expect(collector.spans).toEqual([]);
    expect(ofRequests()).toMatchObject([{ traceId: TRACE_ID }]);
  });
});

describe('without traces', () => {
  const env = { OTEL_SDK_DISABLED: 'true' };

  test.each([
    `00-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${PARENT_ID}-00`,
    `01-${TRACE_ID}-${PARENT_ID}-01-later-versions-may-have-more`,
  ])('the line of an operation has the trace of the caller: %s', async (traceparent) => {
    await using started = await start({ env });

    await started.ask({ query: '{ videoRestore { status } }' }, traceparent);

    expect(started.ofRequests()).toMatchObject([{ traceId: TRACE_ID }]);
  });

  test.each([
    undefined,
    'junk',
    `00-${TRACE_ID}-${PARENT_ID}`,
    `00-${TRACE_ID}-${PARENT_ID}-01-more`,
    `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`,
    `00-${'0'.repeat(32)}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `ff-${TRACE_ID}-${PARENT_ID}-01`,
    `00-${TRACE_ID}-${PARENT_ID}-01, 00-${TRACE_ID}-${PARENT_ID}-01`,
    `${'0'.repeat(5_000)}${TRACE_ID}`,
  ])('it has none that is not well-formed: %s', async (traceparent) => {
    await using started = await start({ env });

    await started.ask({ query: '{ videoRestore { status } }' }, traceparent);

    expect(started.ofRequests()).toHaveLength(1);
    expect(started.ofRequests()[0]).not.toHaveProperty('traceId');
  });
});
