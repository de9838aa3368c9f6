// How traces reach the collector, and what happens if it does not take them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const QUERY = { query: '{ videos { totalCount } }' };
const SERVER = 2;

/** A gateway that exports after each operation, and logs to the test. */
async function start(env: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const collector = stack.use(await startCollector());
  const log = captureLog('info');
  const gateway = stack.use(
    await startTestGateway({
      logger: log.logger,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '1', ...env },
    }),
  );
  const resources = stack.move();
  const ofCollector = () => log.lines.filter((line) => line.collector !== undefined);
  return { ...gateway, collector, ofCollector, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** The spans of operations, once so many have arrived. */
function collect(collector: Collector, count: number): Promise<CollectedSpan[]> {
  return eventually(() => {
    const operations = collector.spans.filter(({ kind }) => kind === SERVER);
    expect(operations).toHaveLength(count);
    return operations;
  });
}

describe('spans', () => {
  test.each([
    ['http/protobuf', 'none', 'application/x-protobuf', undefined],
    ['http/protobuf', 'gzip', 'application/x-protobuf', 'gzip'],
    ['http/json', 'none', 'application/json', undefined],
    ['http/json', 'gzip', 'application/json', 'gzip'],
  ])('arrive as %s with the compression %s', async (protocol, compression, type, encoding) => {
    await using started = await start({
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
    });
    const { collector, post } = started;

    await post(QUERY);

    expect(await collect(collector, 1)).toMatchObject([
      {
        name: 'query',
        attributes: { 'graphql.operation.type': 'query', 'apivideo_graphql.field': 'videos' },
      },
    ]);
    for (const headers of collector.headers) {
      expect(headers['content-type']).toBe(type);
      expect(headers['content-encoding']).toBe(encoding);
    }
  });

  test('are sent to exactly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', async () => {
    await using collector = await startCollector();
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `${collector.url}/as/it/is`;
    await using started = await start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT });

    await started.post(QUERY);
    await collect(collector, 1);

    expect(new Set(collector.paths)).toEqual(new Set(['/as/it/is']));
  });

  test.each([
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }, 3],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 3],
  ])('are kept as the sampler says: %j', async (env, expected) => {
    await using started = await start(env);
    const { collector, post, gateway } = started;

    for (let sent = 0; sent < 3; sent += 1) await post(QUERY);
    await collect(collector, expected);
    await gateway.close();

    await collect(collector, expected);
  });

  test('have fewer and shorter attributes if the limits say so', async () => {
    await using started = await start({
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '4',
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    });
    const { collector, post } = started;

    await post(QUERY);
    await collect(collector, 1);

    for (const { attributes } of collector.spans) {
      expect(Object.keys(attributes).length).toBeLessThanOrEqual(4);
      for (const value of Object.values(attributes))
        if (typeof value === 'string') expect(value.length).toBeLessThanOrEqual(3);
    }
    expect(collector.spans.length).toBeGreaterThan(0);
  });

  test('neither continue the trace of the caller nor go upstream with OTEL_PROPAGATORS=none', async () => {
    await using started = await start({ OTEL_PROPAGATORS: 'none' });
    const { collector, sandbox } = started;
    const traceId = '0af7651916cd43dd8448eb211c80319c';

    await started.post(QUERY, {
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    });
    await collect(collector, 1);

    for (const span of collector.spans) expect(span.traceId).not.toBe(traceId);
    for (const { headers } of sandbox.requests) expect(headers.traceparent).toBeUndefined();
  });
});

describe('a collector that takes no traces', () => {
  test.each([
    [401, '401 Unauthorized'],
    [404, '404 Not Found'],
  ])('and answers %i is one line, and another once it does', async (status, reason) => {
    await using started = await start();
    const { collector, ofCollector, post } = started;
    collector.setStatus(status);

    for (let exports = 1; exports <= 3; exports += 1) {
      expect((await post(QUERY)).data).toEqual({ videos: { totalCount: 0 } });
      await eventually(() => expect(collector.paths.length).toBeGreaterThanOrEqual(exports));
    }
    await eventually(() => expect(ofCollector()).toHaveLength(1));
    collector.setStatus(200);
    await post(QUERY);
    await eventually(() => expect(ofCollector()).toHaveLength(2));
    collector.setStatus(status);
    await post(QUERY);
    await eventually(() => expect(ofCollector()).toHaveLength(3));

    const failed = {
      level: 40,
      collector: `${collector.url}/v1/traces`,
      reason,
      msg: `the collector takes no traces: ${reason}`,
    };
    expect(ofCollector()).toMatchObject([
      failed,
      { level: 30, msg: 'the collector takes traces again' },
      failed,
    ]);
    expect(JSON.stringify(ofCollector())).not.toContain('SECRET');
  });

  test.each([
    ['is not there', 'ECONNREFUSED', (url: string) => url],
    ['has no address', 'ENOTFOUND', () => 'http://collector.invalid:4318'],
  ])('because it %s is one line, and requests go on', async (_how, reason, toUrl) => {
    const gone = await startCollector();
    await gone[Symbol.asyncDispose]();
    await using started = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: toUrl(gone.url),
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    });
    const { ofCollector, post } = started;

    for (let sent = 0; sent < 3; sent += 1) {
      expect((await post(QUERY)).data).toEqual({ videos: { totalCount: 0 } });
      await eventually(() => expect(ofCollector()).toHaveLength(1));
    }
    await started.gateway.close();

    expect(ofCollector()).toMatchObject([{ level: 40, reason: expect.stringContaining(reason) }]);
  });

  test('because it never answers holds up neither requests nor the end, and is one line', async () => {
    await using started = await start();
    const { collector, ofCollector, post, gateway } = started;
    collector.setStatus(undefined);

    expect((await post(QUERY)).data).toEqual({ videos: { totalCount: 0 } });
    await eventually(() => expect(collector.paths).toHaveLength(1));
    expect((await post(QUERY)).data).toEqual({ videos: { totalCount: 0 } });
    const beganAt = performance.now();
    await gateway.close();

    expect(performance.now() - beganAt).toBeLessThan(5_000);
    expect(ofCollector()).toMatchObject([
      { level: 40, reason: 'it did not take the last spans within a second' },
    ]);
  });

  test('costs no memory for more spans than the queue holds', async () => {
    await using started = await start({
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
    });
    const { collector, post, ofCollector } = started;
    collector.setStatus(undefined);
    await post(QUERY);
    await eventually(() => expect(collector.paths).toHaveLength(1));

    for (let sent = 0; sent < 30; sent += 1) await post({ query: '{ __typename }' });
    collector.setStatus(200);
    await eventually(() => expect(ofCollector()).toHaveLength(2));

    // Those of the queue, and at most one more batch that begins while the others end.
    expect(collector.spans.length).toBeGreaterThan(0);
    expect(collector.spans.length).toBeLessThanOrEqual(15);
  });

  test('because its answer never ends is one line', async () => {
    await using dripping = await listen(
      createServer((request, response) => {
        request.resume();
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      }),
    );
    await using started = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${dripping.port}`,
      OTEL_BSP_EXPORT_TIMEOUT: '200',
    });

    for (let sent = 0; sent < 3; sent += 1)
      expect((await started.post(QUERY)).data).toEqual({ videos: { totalCount: 0 } });
    await eventually(() => expect(started.ofCollector()).toHaveLength(1));
    await started.gateway.close();

    expect(started.ofCollector()).toMatchObject([{ level: 40, reason: 'it did not answer in time' }]);
  });
});

describe('the program', () => {
  function readLines(stdout: string): LogLine[] {
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  function toSettings(sandbox: { readonly url: string }, collector: { readonly url: string }) {
    return {
      PORT: '0',
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: sandbox.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    };
  }

  async function ask(url: string) {
    const body = JSON.stringify(QUERY);
    return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  test('passes OpenTelemetry’s variables for headers and the resource on', async () => {
    await using collector = await startCollector();
    await using sandbox = await startSandbox();
    await using started = startGatewayProcess([], {
      ...toSettings(sandbox, collector),
      OTEL_EXPORTER_OTLP_HEADERS: '"x-scope=videos,x-key=a%20b,"\r',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-scope=traces',
      OTEL_SERVICE_NAME: 'videos-eu',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=not-this,team=video',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_BSP_SCHEDULE_DELAY: '1',
    });
    await ask(await started.url);
    await collect(collector, 1);
    started.child.kill('SIGTERM');

    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(new Set(collector.services)).toEqual(new Set(['videos-eu']));
    expect(collector.text).toContain('team');
    for (const headers of collector.headers)
      expect(headers).toMatchObject({ 'x-scope': 'traces', 'x-key': 'a b' });
    expect(readLines(started.output.stdout)).toContainEqual(
      expect.objectContaining({
        level: 40,
        msg: 'The gateway does not use these variables: OTEL_METRICS_EXPORTER',
      }),
    );
  });

  test.each([
    ['the collector refuses', 'x-key=SECRET', 401, '401 Unauthorized'],
    ['cannot be sent', 'x-key=SECRET%0A', 401, '401 Unauthorized'],
    ['cannot be read', 'x-key: SECRET', 401, '401 Unauthorized'],
  ])('shows nothing of a header that %s', async (_how, header, status, reason) => {
    await using collector = await startCollector();
    collector.setStatus(status);
    await using sandbox = await startSandbox();
    await using started = startGatewayProcess([], {
      ...toSettings(sandbox, collector),
      OTEL_EXPORTER_OTLP_HEADERS: header,
      OTEL_BSP_SCHEDULE_DELAY: '1',
      LOG_LEVEL: 'trace',
    });
    await ask(await started.url);
    await eventually(() => expect(started.output.stdout).toContain('the collector takes no traces'));
    started.child.kill('SIGTERM');
    await started.ended;

    const lines = readLines(started.output.stdout).filter(({ collector }) => collector !== undefined);
    expect(lines).toMatchObject([{ reason: expect.stringContaining(reason) }]);
    expect(started.output.stdout + started.output.stderr).not.toContain('SECRET');
  });

  test.each([
    ['never answers', undefined],
    ['is overloaded', 503],
  ])('ends soon after SIGTERM although the collector %s', async (_how, status) => {
    await using collector = await startCollector();
    collector.setStatus(status);
    await using sandbox = await startSandbox();
    await using started = startGatewayProcess([], {
      ...toSettings(sandbox, collector),
      OTEL_EXPORTER_OTLP_TIMEOUT: '600000',
      OTEL_BSP_SCHEDULE_DELAY: '1',
    });
    await ask(await started.url);
    await eventually(() => expect(collector.paths.length).toBeGreaterThan(0));
    started.child.kill('SIGTERM');
    const beganAt = performance.now();
    const [code] = await once(started.child, 'exit');

    expect(code).toBe(0);
    // The exporter itself would go on for ten minutes, and the gateway cut it off after nine seconds.
    expect(performance.now() - beganAt).toBeLessThan(8_000);
    const lines = readLines(started.output.stdout);
    expect(lines.filter(({ collector }) => collector !== undefined)).toHaveLength(1);
    expect(lines.at(-1)?.msg).toBe('stopped');
    expect(started.output.stderr).toBe('');
  });
});
