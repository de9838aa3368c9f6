// Reads the variables of OpenTelemetry that decide about traces. Many programs share them, so a value that cannot be
// used is a warning and its default applies, as OpenTelemetry asks of every program; it never prevents the start.
import * as z from 'zod';
import { cleanSetting, quoteSetting } from './clean-setting.ts';
import type { CollectorHeaders } from './collector-headers.ts';
import {
  authority,
  certificate,
  headers,
  listOf,
  oneOf,
  pairs,
  positive,
  privateKey,
} from './trace-values.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type TraceSettings = {
  /** Spans are sent to exactly this URL. */
  readonly url: string;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly timeoutMs: number;
  /** What TLS takes, in PEM form. */
  readonly files: {
    readonly ca: Buffer | undefined;
    readonly cert: Buffer | undefined;
    readonly key: Buffer | undefined;
  };
  readonly headers: CollectorHeaders;
  readonly compression: 'none' | 'gzip';
  readonly sampler: (typeof SAMPLERS)[number];
  /** For the samplers with a ratio: the part of the traces that is kept, from 0 to 1. */
  readonly ratio: number;
  /** Whether to continue the caller's trace, and to pass it on to api.video. */
  readonly propagates: boolean;
  readonly batch: {
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
  };
  readonly limits: { readonly attributeCountLimit: number; readonly attributeValueLengthLimit: number };
};

type Given = Readonly<Record<string, string | undefined>>;

/** The collector, if OTEL_TRACES_EXPORTER asks for one and no variable has its address. */
const LOCAL_COLLECTOR = 'http://localhost:4318';
const HOUR_MS = 3_600_000;
/** One export is encoded without a pause, so a larger one would keep requests waiting. */
const MAX_BATCH = 2_048;
const MAX_QUEUE = 65_536;

const environment = z.object({
  OTEL_SDK_DISABLED: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false'], 'true or false'))
    .optional(),
  OTEL_TRACES_EXPORTER: listOf('otlp', 'none'),
  OTEL_TRACES_SAMPLER: oneOf(...SAMPLERS),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^[\d.e+-]{1,20}$/i, 'a number from 0 to 1')
    .transform(Number)
    .refine((value) => value >= 0 && value <= 1, 'a number from 0 to 1')
    .optional(),
  OTEL_PROPAGATORS: listOf('tracecontext', 'baggage', 'none'),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf('http/protobuf', 'http/json'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf('http/protobuf', 'http/json'),
  OTEL_EXPORTER_OTLP_TIMEOUT: positive(HOUR_MS),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: positive(HOUR_MS),
  OTEL_EXPORTER_OTLP_COMPRESSION: oneOf('none', 'gzip'),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: oneOf('none', 'gzip'),
  OTEL_BSP_SCHEDULE_DELAY: positive(HOUR_MS),
  OTEL_BSP_EXPORT_TIMEOUT: positive(HOUR_MS),
  OTEL_BSP_MAX_QUEUE_SIZE: positive(MAX_QUEUE),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: positive(MAX_BATCH),
  OTEL_ATTRIBUTE_COUNT_LIMIT: positive(1_000_000),
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: positive(1_000_000),
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: positive(1_000_000),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: positive(1_000_000),
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers,
  OTEL_EXPORTER_OTLP_CERTIFICATE: authority,
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: authority,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: certificate,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: privateKey,
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: privateKey,
  // The packages of OpenTelemetry read these from `process.env` themselves, and skip wrong values without a word.
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs(/^[^=]{0,255}$/),
});

/** Read by `read-config.ts`: a wrong address of the collector prevents the start, if traces are sent. */
const ENDPOINTS: readonly string[] = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** The variables without the address of the collector, if they switch traces off. */
export function withoutIdleCollector(env: Given): Given {
  if (!areTracesOff(parse(env).data)) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ENDPOINTS.includes(name)));
}

function areTracesOff({ OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporters }: Variables): boolean {
  return disabled === 'true' || exporters?.includes('none') === true;
}

/**
 * @param given - the variables that are set, the addresses of the collector already checked.
 * @returns undefined as `traces` if none are sent; and lines for the operator about what has no effect.
 */
export function readTraces(given: Given): {
  readonly traces: TraceSettings | undefined;
  readonly warnings: readonly string[];
} {
  const { data, warnings } = parse(given);
  const [base, exact] = ENDPOINTS.map((name) => given[name]);
  const exporters = data.OTEL_TRACES_EXPORTER;
  if (areTracesOff(data)) return { traces: undefined, warnings: [] };
  if (!base && !exact && !exporters) return { traces: undefined, warnings: findIdle(given) };
  if (data.OTEL_PROPAGATORS?.includes('baggage'))
    warnings.push('OTEL_PROPAGATORS: the gateway passes no baggage on, because api.video would receive it');
  return {
    traces: Object.freeze(
      toSettings(data, exact ?? `${(base ?? LOCAL_COLLECTOR).replace(/\/$/, '')}/v1/traces`),
    ),
    warnings: [...warnings, ...findUnknown(given)],
  };
}

type Variables = z.infer<typeof environment>;

/** Texts and paths. */
const TAKEN_AS_THEY_ARE = /_(?:CERTIFICATE|CLIENT_KEY|SERVICE_NAME|RESOURCE_ATTRIBUTES)$/;

/** Without the values that cannot be used; each of them is a warning. */
function parse(given: Given): { readonly data: Variables; readonly warnings: string[] } {
  const cleaned = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value === undefined || TAKEN_AS_THEY_ARE.test(name) ? value : cleanSetting(value),
    ]),
  );
  const parsed = environment.safeParse(cleaned);
  if (parsed.success) return { data: parsed.data, warnings: [] };
  const wrong = new Map(parsed.error.issues.map(({ path, message }) => [String(path[0]), message]));
  const warnings = [...wrong].map(([name, expected]) => {
    const value = given[name] ?? '';
    // A key may be pasted in place of its path.
    const isSecret = name.endsWith('_HEADERS') || value.includes('-----BEGIN');
    const got = isSecret ? 'something else' : quoteSetting(value.slice(0, 80));
    return `${name} cannot be used: expected ${expected}, and got ${got}`;
  });
  const usable = Object.fromEntries(Object.entries(cleaned).filter(([name]) => !wrong.has(name)));
  return { data: environment.parse(usable), warnings };
}

function toSettings(data: Variables, url: string): TraceSettings {
  const names = data.OTEL_PROPAGATORS ?? ['tracecontext'];
  return {
    url,
    protocol: data.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? data.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf',
    timeoutMs: data.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? data.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
    compression: data.OTEL_EXPORTER_OTLP_TRACES_COMPRESSION ?? data.OTEL_EXPORTER_OTLP_COMPRESSION ?? 'none',
    headers: { ...data.OTEL_EXPORTER_OTLP_HEADERS, ...data.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    files: {
      ca: data.OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE ?? data.OTEL_EXPORTER_OTLP_CERTIFICATE,
      cert: data.OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE ?? data.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
      key: data.OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY ?? data.OTEL_EXPORTER_OTLP_CLIENT_KEY,
    },
    sampler: data.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on',
    ratio: data.OTEL_TRACES_SAMPLER_ARG ?? 1,
    propagates: names.includes('tracecontext') && !names.includes('none'),
    batch: {
      maxQueueSize: data.OTEL_BSP_MAX_QUEUE_SIZE ?? 2_048,
      maxExportBatchSize: data.OTEL_BSP_MAX_EXPORT_BATCH_SIZE ?? 512,
      scheduledDelayMillis: data.OTEL_BSP_SCHEDULE_DELAY ?? 5_000,
      exportTimeoutMillis: data.OTEL_BSP_EXPORT_TIMEOUT ?? 30_000,
    },
    limits: {
      attributeCountLimit: data.OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT ?? data.OTEL_ATTRIBUTE_COUNT_LIMIT ?? 128,
      attributeValueLengthLimit:
        data.OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT ??
        data.OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT ??
        Number.POSITIVE_INFINITY,
    },
  };
}

/** What asks for nothing needs no warning. */
const isAsking = ([name, value]: [string, string | undefined]) =>
  name.startsWith('OTEL_') && cleanSetting(value ?? '').toLowerCase() !== 'none';

function findIdle(given: Given): string[] {
  const names = Object.entries(given)
    .filter(isAsking)
    .map(([name]) => name)
    .filter((name) => name !== 'OTEL_SDK_DISABLED');
  if (names.length === 0) return [];
  return [
    `The gateway sends no traces, because OTEL_EXPORTER_OTLP_ENDPOINT is not set. Without effect: ${names.join(', ')}`,
  ];
}

function findUnknown(given: Given): string[] {
  const known = new Set<string>([...Object.keys(environment.shape), ...ENDPOINTS]);
  const names = Object.entries(given)
    .filter(isAsking)
    .map(([name]) => name)
    .filter((name) => !known.has(name));
  return names.length === 0 ? [] : [`The gateway does not use these variables: ${names.join(', ')}`];
}
