// Builds the provider of spans from the settings, and sends them to the collector in batches. It registers nothing
// globally, and it delays and refuses no request: spans that the collector does not take are dropped.
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Logger } from 'pino';
import type { TraceSettings } from '../config/read-traces.ts';
import { endsInTime } from '../upstream/ends-in-time.ts';

export type TraceExport = {
  readonly provider: TracerProvider;
  /** Sends the remaining spans, for at most a second. */
  close(): Promise<void>;
};

const CLOSE_MS = 1_000;
const MAX_REASON = 200;

export async function createTraceExport(
  settings: TraceSettings,
  serviceName: string,
  logger: Logger,
): Promise<TraceExport> {
  const collector = createCollector(settings, logger);
  const exporter = await createExporter(settings);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: serviceName }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector] }))
      .merge(detectResources({ detectors: [serviceNameEnvDetector] })),
    sampler: createSampler(settings),
    spanLimits: settings.limits,
    spanProcessors: [new BatchSpanProcessor({ exporter: collector.watch(exporter), ...settings.batch })],
  });
  return {
    provider,
    async close() {
      const sent = provider.shutdown().catch(() => {});
      // The gateway stops even if the collector is gone.
      if (!(await endsInTime(sent, { deadline: performance.now() + CLOSE_MS })))
        collector.failed('it did not take the last spans within a second');
    },
  };
}

/** Logs two lines per outage of the collector: when the first export fails, and when one succeeds again. */
function createCollector({ url, batch }: TraceSettings, logger: Logger) {
  let isFailing = false;

  function failed(reason: string): void {
    if (!isFailing) logger.warn({ collector: url, reason }, `the collector takes no traces: ${reason}`);
    isFailing = true;
  }

  function settled({ code, error }: ExportResult): void {
    if (code === ExportResultCode.FAILED) {
      failed(toReason(error));
    } else {
      if (isFailing) logger.info({ collector: url }, 'the collector takes traces again');
      isFailing = false;
    }
  }

  return {
    failed,
    watch: (exporter: SpanExporter): SpanExporter => ({
      export(spans, done) {
        // The exporter waits for an answer that comes byte by byte, for as long as bytes come.
        const late = setTimeout(() => failed('it did not answer in time'), batch.exportTimeoutMillis);
        late.unref();
        exporter.export(spans, (result) => {
          clearTimeout(late);
          settled(result);
          done(result);
        });
      },
      shutdown: () => exporter.shutdown(),
    }),
  };
}

/** The cause is not logged whole: for a refused export it contains the collector's answer, of any length. */
function toReason(error: Error | undefined): string {
  const status = error && 'code' in error && typeof error.code === 'number' ? `${error.code} ` : '';
  return `${status}${error?.message || 'it did not answer'}`.slice(0, MAX_REASON);
}

/** Loads the one that is used. Headers and certificates it reads from OpenTelemetry's variables by itself. */
async function createExporter({
  url,
  protocol,
  timeoutMs,
  compression,
}: TraceSettings): Promise<SpanExporter> {
  const [{ OTLPTraceExporter }, { CompressionAlgorithm }] = await Promise.all([
    protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/otlp-exporter-base'),
  ]);
  return new OTLPTraceExporter({
    url,
    timeoutMillis: timeoutMs,
    compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
  });
}

function createSampler({ sampler, ratio }: TraceSettings): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}
