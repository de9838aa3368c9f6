// What goes wrong at a collector, or on the way to it: one line when traces stop to arrive, one when they arrive again, and
// requests go on. And which of OpenTelemetry's switches keep traces from being sent at all.
import { createServer } from 'node:http';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { startCollector } from '../support/collector.ts';
import { eventually } from '../support/eventually.ts';
import { listen } from '../support/listen.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const QUERY = { query: '{ videos { totalCount } }' };
const ANSWER = { videos: { totalCount: 0 } };
const FAULTY = { status: 200, headers: {}, body: Buffer.from('') };

type Answer = { status?: number; headers?: Record<string, string>; body?: string | Buffer };

/** A collector that gives one answer to every export, until it is told another. */
async function startAnswering(first: Answer) {
  let answer = { ...FAULTY, ...first };
  let exports = 0;
  const listening = await listen(
    createServer((request, response) => {
      request.resume().once('end', () => {
        exports += 1;
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    }),
  );
  return {
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    exports: () => exports,
    answer: (next: Answer) => {
      answer = { ...FAULTY, ...next };
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

/** A gateway that exports after each operation, and logs to the test. */
async function start(env: Record<string, string>) {
  await using stack = new AsyncDisposableStack();
  const log = captureLog('info');
  const gateway = stack.use(
    await startTestGateway({
      logger: log.logger,
      env: { OTEL_BSP_SCHEDULE_DELAY: '1', ...env },
    }),
  );
  const resources = stack.move();
  return {
    ...gateway,
    log,
    ofCollector: () => log.lines.filter((line) => line.collector !== undefined),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** `partial_success` of an answer: `rejected` spans, and why. */
function toPartialSuccess(rejected: number, why: string): Buffer {
  const inside = Buffer.concat([Buffer.from([0x08, rejected, 0x12, why.length]), Buffer.from(why)]);
  return Buffer.concat([Buffer.from([0x0a, inside.length]), inside]);
}

const JSON_PROTOCOL = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' };
const rejection = JSON.stringify({ partialSuccess: { rejectedSpans: '3', errorMessage: 'over quota' } });

describe('the log has one line when the collector takes no traces, and one when it does again:', () => {
  test.each<[string, Answer, string, Record<string, string>]>([
    ['too large', { status: 413 }, '413 Payload Too Large', {}],
    ['forbidden', { status: 403, body: 'SECRET' }, '403 Forbidden', {}],
    ['too many', { status: 429, headers: { 'retry-after': '60' } }, 'retryable status', {}],
    ['overloaded', { status: 503, headers: { 'retry-after': '60' } }, 'retryable status', {}],
    ['a redirect', { status: 301, headers: { location: '/SECRET' } }, '301 Moved Permanently', {}],
    ['a page', { body: '\n<!doctype html>SECRET' }, 'it answered with a page', {}],
    ['a page as JSON', { body: '<html>SECRET</html>' }, 'it answered with a page', JSON_PROTOCOL],
    ['rejected spans', { body: toPartialSuccess(3, 'over quota') }, 'it rejected 3 spans. over quota', {}],
    ['rejected spans as JSON', { body: rejection }, 'it rejected 3 spans. over quota', JSON_PROTOCOL],
    [
      'a long reason',
      { body: toPartialSuccess(3, 'x'.repeat(100)) },
      `it rejected 3 spans. ${'x'.repeat(100)}`,
      {},
    ],
  ])('%s', async (_name, answer, reason, env) => {
    await using collector = await startAnswering(answer);
    await using started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });

    for (let exports = 1; exports <= 3; exports += 1) {
      expect((await started.post(QUERY)).data).toEqual(ANSWER);
      await eventually(() => expect(collector.exports()).toBeGreaterThanOrEqual(exports));
    }
    await eventually(() => expect(started.ofCollector()).toHaveLength(1));
    collector.answer({});
    await started.post(QUERY);
    await eventually(() => expect(started.ofCollector()).toHaveLength(2));
    await started.gateway.close();

    expect(started.ofCollector()).toMatchObject([
      { level: 40, collector: `${collector.url}/v1/traces`, reason: expect.stringContaining(reason) },
      { level: 30, msg: 'the collector takes traces again' },
    ]);
    expect(started.log.text()).not.toContain('SECRET');
  });

  test('but none for an answer that is only a hint', async () => {
    await using collector = await startAnswering({ body: toPartialSuccess(0, 'use gzip') });
    await using started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });

    await started.post(QUERY);
    await eventually(() => expect(collector.exports()).toBeGreaterThan(0));
    await started.gateway.close();

    expect(started.ofCollector()).toEqual([]);
  });
});

describe('the log has one line, and requests go on, because', () => {
  test('the collector speaks no TLS', async () => {
    await using collector = await startAnswering({});
    const OTEL_EXPORTER_OTLP_ENDPOINT = `https://127.0.0.1:${collector.port}`;
    await using started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT });

    for (let sent = 0; sent < 3; sent += 1) expect((await started.post(QUERY)).data).toEqual(ANSWER);
    await eventually(() => expect(started.ofCollector()).toHaveLength(1));
    await started.gateway.close();

    expect(started.ofCollector()).toMatchObject([{ level: 40, reason: expect.stringContaining('SSL') }]);
  });

  test('nothing listens at any address of its name', async () => {
    const collector = await startAnswering({});
    await collector[Symbol.asyncDispose]();
    await using started = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${collector.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    });

    for (let sent = 0; sent < 3; sent += 1) expect((await started.post(QUERY)).data).toEqual(ANSWER);
    await eventually(() => expect(started.ofCollector()).toHaveLength(1));
    await started.gateway.close();

    expect(started.ofCollector()).toMatchObject([
      { level: 40, reason: expect.stringContaining('ECONNREFUSED') },
    ]);
  });
});

describe('the collector gets', () => {
  const sampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const dropped = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';

  test.each<[string, Record<string, string>, string | undefined]>([
    ['OTEL_SDK_DISABLED=true', { OTEL_SDK_DISABLED: 'true' }, undefined],
    ['OTEL_SDK_DISABLED=True, with a blank', { OTEL_SDK_DISABLED: ' True ' }, undefined],
    ['OTEL_TRACES_EXPORTER=none', { OTEL_TRACES_EXPORTER: 'none' }, undefined],
    ['OTEL_TRACES_EXPORTER=None', { OTEL_TRACES_EXPORTER: 'None' }, undefined],
    ['OTEL_TRACES_SAMPLER=ALWAYS_OFF', { OTEL_TRACES_SAMPLER: 'ALWAYS_OFF' }, sampled],
    ['a ratio of zero', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: ' 0 ' }, sampled],
    ['a caller that samples nothing', {}, dropped],
    [
      'such a caller, although new traces are kept',
      { OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
      dropped,
    ],
    ['a sampler that keeps no new traces', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, undefined],
  ])('nothing with %s', async (_name, env, traceparent) => {
    await using collector = await startCollector();
    await using started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });

    const headers = { 'content-type': 'application/json', ...(traceparent && { traceparent }) };
    for (let sent = 0; sent < 3; sent += 1)
      expect((await started.post(QUERY, { headers })).data).toEqual(ANSWER);
    await started.gateway.close();

    expect(collector.paths).toEqual([]);
    expect(started.ofCollector()).toEqual([]);
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['OTEL_SDK_DISABLED=false', { OTEL_SDK_DISABLED: 'false' }, undefined],
    ['an unknown OTEL_SDK_DISABLED', { OTEL_SDK_DISABLED: '1' }, undefined],
    ['an unknown exporter', { OTEL_TRACES_EXPORTER: 'zipkin' }, undefined],
    ['an unknown sampler', { OTEL_TRACES_SAMPLER: 'jaeger_remote' }, undefined],
    ['an empty sampler', { OTEL_TRACES_SAMPLER: ' ' }, undefined],
    ['a caller that samples', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, sampled],
    ['OTEL_TRACES_SAMPLER=always_on', { OTEL_TRACES_SAMPLER: 'always_on' }, dropped],
    ['a ratio of one', { OTEL_TRACES_SAMPLER: 'TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '1e0' }, dropped],
  ])('all traces with %s', async (_name, env, traceparent) => {
    await using collector = await startCollector();
    await using started = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });

    const headers = { 'content-type': 'application/json', ...(traceparent && { traceparent }) };
    for (let sent = 0; sent < 3; sent += 1) await started.post(QUERY, { headers });

    await eventually(() => expect(collector.spans.filter(({ kind }) => kind === 2)).toHaveLength(3));
  });
});
