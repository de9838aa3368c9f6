// What the gateway makes of OpenTelemetry's own variables.
import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

const TLS = {
  certificate: fileURLToPath(new URL('../support/tls/certificate.pem', import.meta.url)),
  key: fileURLToPath(new URL('../support/tls/key.pem', import.meta.url)),
};

const SAMPLERS =
  'always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio';

function read(env: Record<string, string>): Pick<Config, 'traces' | 'warnings'> {
  const { traces, warnings } = readConfig({ APIVIDEO_API_KEY: 'theKey', ...env });
  return { traces, warnings };
}

describe('traces are sent', () => {
  test.each([
    [COLLECTOR, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c.example.com/otlp' }, 'https://c.example.com/otlp/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/as/it/is' }, 'http://collector/as/it/is'],
    [{ ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/t' }, 'http://other/t'],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
    [{ ...COLLECTOR, OTEL_SDK_DISABLED: 'false' }, 'http://collector:4318/v1/traces'],
  ])('with %j', (env, url) => {
    expect(read(env)).toMatchObject({ traces: { url }, warnings: [] });
  });

  test('as OpenTelemetry does by default', () => {
    expect(read(COLLECTOR).traces).toEqual({
      url: 'http://collector:4318/v1/traces',
      protocol: 'http/protobuf',
      headers: {},
      files: {},
      timeoutMs: 10_000,
      compression: 'none',
      sampler: 'parentbased_always_on',
      ratio: 1,
      propagates: true,
      batch: {
        maxQueueSize: 2_048,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 5_000,
        exportTimeoutMillis: 30_000,
      },
      limits: { attributeCountLimit: 128, attributeValueLengthLimit: Number.POSITIVE_INFINITY },
    });
  });
});

describe('no traces are sent', () => {
  test.each([
    [{}],
    [{ ...COLLECTOR, OTEL_SDK_DISABLED: 'true', OTEL_SERVICE_NAME: 'x' }],
    [{ ...COLLECTOR, OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_SAMPLER: 'junk' }],
    [{ ...COLLECTOR, OTEL_TRACES_EXPORTER: 'none' }],
    [{ OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }],
  ])('and nothing is logged with %j', (env) => {
    expect(read(env)).toEqual({ traces: undefined, warnings: [] });
  });

  test('although other variables ask for some, which a warning names', () => {
    expect(read({ OTEL_SERVICE_NAME: 'videos', OTEL_TRACES_SAMPLER: 'always_on' })).toEqual({
      traces: undefined,
      warnings: [
        'The gateway sends no traces, because OTEL_EXPORTER_OTLP_ENDPOINT is not set. Without effect: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER',
      ],
    });
  });
});

test('reads the files for TLS', () => {
  const files = read({
    ...COLLECTOR,
    OTEL_EXPORTER_OTLP_CERTIFICATE: TLS.certificate,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: TLS.certificate,
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: TLS.key,
  });
  const [certificate, key] = [readFileSync(TLS.certificate), readFileSync(TLS.key)];
  expect(files).toMatchObject({
    warnings: [],
    traces: { files: { ca: certificate, cert: certificate, key } },
  });
});

describe('takes over', () => {
  test.each([
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, { ratio: 0.25 }],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, { sampler: 'always_off' }],
    [{ OTEL_TRACES_SAMPLER: ' Always_Off\r' }, { sampler: 'always_off' }],
    [{ OTEL_TRACES_SAMPLER_ARG: ' 2.5e-1 ' }, { ratio: 0.25 }],
    [{ OTEL_PROPAGATORS: 'None' }, { propagates: false }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON' }, { protocol: 'http/json' }],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP ' }, { compression: 'gzip' }],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: ' 9\r' }, { batch: { maxQueueSize: 9 } }],
    [{ OTEL_PROPAGATORS: 'none' }, { propagates: false }],
    [{ OTEL_PROPAGATORS: 'tracecontext' }, { propagates: true }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { protocol: 'http/json' }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
      { protocol: 'http/protobuf' },
    ],
    [{ OTEL_EXPORTER_OTLP_HEADERS: '"x-a=1, x-b=%32==,"\r' }, { headers: { 'x-a': '1', 'x-b': '2==' } }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: "'x-a=1'\r\n" }, { headers: { 'x-a': '1' } }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: '"x-a=1","x-b=2"' }, { headers: { 'x-a': '1', 'x-b': '2' } }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,,' }, { headers: { 'x-a': '1' } }],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '500' }, { timeoutMs: 500 }],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '7' }, { timeoutMs: 7 }],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, { compression: 'gzip' }],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '9' }, { batch: { maxQueueSize: 9 } }],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '9' }, { batch: { maxExportBatchSize: 9 } }],
    [{ OTEL_BSP_SCHEDULE_DELAY: '9' }, { batch: { scheduledDelayMillis: 9 } }],
    [{ OTEL_BSP_EXPORT_TIMEOUT: '9' }, { batch: { exportTimeoutMillis: 9 } }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '9' }, { limits: { attributeCountLimit: 9 } }],
    [{ OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '9' }, { limits: { attributeValueLengthLimit: 9 } }],
  ])('%j', (env, expected) => {
    expect(read({ ...COLLECTOR, ...env })).toMatchObject({ traces: expected, warnings: [] });
  });
});

describe('warns, and takes the default, of', () => {
  test.each([
    ['OTEL_SDK_DISABLED', 'yes', 'true or false'],
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'a list of otlp, none'],
    ['OTEL_TRACES_EXPORTER', 'otlp,console', 'a list of otlp, none'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'one of http/protobuf, http/json'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http', 'one of http/protobuf, http/json'],
    ['OTEL_TRACES_SAMPLER', 'parentbased_jaeger_remote', `one of ${SAMPLERS}`],
    ['OTEL_TRACES_SAMPLER_ARG', '.', 'a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1e3', 'a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '-1', 'a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '0.1.2', 'a number from 0 to 1'],
    ['OTEL_PROPAGATORS', 'b3', 'a list of tracecontext, baggage, none'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'a whole number from 1 to 3600000'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', 'a whole number from 1 to 3600000'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'one of none, gzip'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '65537', 'a whole number from 1 to 65536'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '2049', 'a whole number from 1 to 2048'],
    ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'many', 'a whole number from 1 to 1000000'],
    ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/no/such/file.pem', 'a file that can be read (it does not exist)'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team', 'comma-separated pairs such as name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=a=b', 'comma-separated pairs such as name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=%zz', 'comma-separated pairs such as name=value'],
  ])('%s=%s', (name, value, expected) => {
    const { traces, warnings } = read({ ...COLLECTOR, [name]: value });

    expect(warnings).toEqual([
      `${name} cannot be used: expected ${expected}, and got ${JSON.stringify(value)}`,
    ]);
    expect(traces).toEqual(read(COLLECTOR).traces);
  });

  const CERTIFICATE = 'a file with certificates in PEM form';
  const CLIENT_CERTIFICATE = 'a file with a certificate in PEM form';
  const CLIENT_KEY = 'a file with a private key in PEM form and without a passphrase';
  test.each([
    ['CERTIFICATE', 'is a directory', '.'],
    ['CERTIFICATE', 'is not a regular file', 'pipe'],
    ['CLIENT_KEY', 'is not a regular file', 'pipe'],
    ['CLIENT_CERTIFICATE', 'has more than 1048576 bytes', 'large'],
    ['CERTIFICATE', CERTIFICATE, 'garbage'],
    ['CERTIFICATE', CERTIFICATE, 'key'],
    ['CLIENT_CERTIFICATE', CLIENT_CERTIFICATE, 'garbage'],
    ['CLIENT_KEY', CLIENT_KEY, 'garbage'],
    ['TRACES_CLIENT_KEY', CLIENT_KEY, 'certificate'],
  ])('a file that TLS cannot use: %s, %s', (suffix, reason, file) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'files-'));
    const at = (name: string) => join(folder.path, name);
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('large'), 'x'.repeat(1_048_577));
    writeFileSync(at('garbage'), 'hunter2');
    writeFileSync(at('key'), readFileSync(TLS.key));
    writeFileSync(at('certificate'), readFileSync(TLS.certificate));
    const name = `OTEL_EXPORTER_OTLP_${suffix}`;

    const { traces, warnings } = read({ ...COLLECTOR, [name]: at(file) });

    const expected = /^(?:is|has) /.test(reason) ? `a file that can be read (it ${reason})` : reason;
    expect(warnings).toEqual([
      `${name} cannot be used: expected ${expected}, and got ${JSON.stringify(at(file))}`,
    ]);
    expect(traces?.files).toEqual({});
  });

  test('a key in place of its path, without showing it', () => {
    const key = readFileSync(TLS.key, 'utf8');
    const [warning = ''] = read({ ...COLLECTOR, OTEL_EXPORTER_OTLP_CLIENT_KEY: key }).warnings;
    expect(warning).toMatch(/^OTEL_EXPORTER_OTLP_CLIENT_KEY cannot be used: .*, and got something else$/);
  });

  test('one with signs that nobody sees, and shows them', () => {
    const { warnings } = read({ ...COLLECTOR, OTEL_TRACES_EXPORTER: 'ot\u200blp\u{e0061}x' });

    expect(warnings).toEqual([
      'OTEL_TRACES_EXPORTER cannot be used: expected a list of otlp, none, and got "ot\\u200blp\\udb40\\udc61x"',
    ]);
  });

  test('headers, without showing them', () => {
    for (const secret of [
      'authorization: Basic c2VjcmV0',
      'x-key=c2VjcmV0%0A',
      'x key=a',
      '=a',
      'x-a=',
      'a=%zz',
    ]) {
      const { traces, warnings } = read({ ...COLLECTOR, OTEL_EXPORTER_OTLP_HEADERS: secret });
      expect(warnings).toEqual([
        'OTEL_EXPORTER_OTLP_HEADERS cannot be used: expected comma-separated pairs such as name=value, and got something else',
      ]);
      expect(traces?.headers).toEqual({});
    }
    const good = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20c2VjcmV0YQ==,x-scope=a' };
    expect(read({ ...COLLECTOR, ...good }).warnings).toEqual([]);
  });
});

test.each([{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: '"None"' }])(
  'a wrong address of the collector does not matter with %j',
  (off) => {
    for (const address of ['collector:4317', 'http://a\u200bb']) {
      const endpoints = { OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address };
      expect(read({ ...endpoints, ...off })).toEqual({ traces: undefined, warnings: [] });
      expect(() => read({ ...endpoints, OTEL_SDK_DISABLED: 'false' })).toThrow('OTEL_EXPORTER_OTLP_ENDPOINT');
    }
  },
);

test('warns of what it does not do: baggage, and variables that it does not use', () => {
  expect(
    read({
      ...COLLECTOR,
      OTEL_PROPAGATORS: 'tracecontext,baggage',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'debug',
    }).warnings,
  ).toEqual([
    'OTEL_PROPAGATORS: the gateway passes no baggage on, because api.video would receive it',
    'The gateway does not use these variables: OTEL_METRICS_EXPORTER, OTEL_LOG_LEVEL',
  ]);
});
