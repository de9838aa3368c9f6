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

type TraceExport = {
  readonly provider: TracerProvider;
  /** Sends the remaining spans, for at most a second. */
  close(): Promise<void>;
};

const CLOSE_MS = 1_000;
const MAX_REASON = 200;

/** @param proxy - the one to go through to the collector, if any. */
export async function createTraceExport(
  settings: TraceSettings,
  serviceName: string,
  proxy: URL | undefined,
  logger: Logger,
): Promise<TraceExport> {
  const collector = createCollector(settings, logger);
  const exporter = await createExporter(settings, proxy, collector.rejected);
  // Node.js before 22.21 and 24.5 ignores `proxyEnv`.
  if (proxy && !process.allowedNodeEnvironmentFlags.has('--use-env-proxy'))
    logger.warn(
      `Traces go to the collector without a proxy, because Node.js ${process.version} does not support one`,
    );
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
  let rejection: string | undefined;

  function failed(text: string): void {
    const reason = text.slice(0, MAX_REASON);
    if (!isFailing) logger.warn({ collector: url, reason }, `the collector takes no traces: ${reason}`);
    isFailing = true;
  }

  function settled({ code, error }: ExportResult): void {
    const reason = code === ExportResultCode.FAILED ? toReason(error) : rejection;
    rejection = undefined;
    if (reason !== undefined) {
      failed(reason);
    } else {
      if (isFailing) logger.info({ collector: url }, 'the collector takes traces again');
      isFailing = false;
    }
  }

  return {
    failed,
    /** For the export that settles next: its answer is read in the same moment. */
    rejected: (reason: string) => {
      rejection = reason;
    },
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
  const code = error && 'code' in error ? error.code : undefined;
  const message = error?.message ?? '';
  if (typeof code === 'number') return `${code} ${message}`.trim();
  // A name with several addresses of which none answers: that error has a code alone.
  return message || (typeof code === 'string' ? code : 'it did not answer');
}

/**
 * Loads what it needs only here.
 *
 * @param proxy - the one to go through to the collector, if any.
 * @param onRejected - called before an export counts as successful whose answer shows that spans were lost.
 */
async function createExporter(
  { url, protocol, timeoutMs, compression, files, headers }: TraceSettings,
  proxy: URL | undefined,
  onRejected: (reason: string) => void,
): Promise<SpanExporter> {
  const [{ JsonTraceSerializer, ProtobufTraceSerializer, TraceExporterMetricsHelper }, base, http] =
    await Promise.all([
      import('@opentelemetry/otlp-transformer'),
      import('@opentelemetry/otlp-exporter-base'),
      import('@opentelemetry/otlp-exporter-base/node-http'),
    ]);
  const { CompressionAlgorithm, OTLPExporterBase } = base;
  const [type, serializer] =
    protocol === 'http/json'
      ? ['application/json', JsonTraceSerializer]
      : ['application/x-protobuf', ProtobufTraceSerializer];
  const defaults = http.convertLegacyHttpOptions(
    {
      url,
      timeoutMillis: timeoutMs,
      httpAgentOptions: {
        keepAlive: true,
        // Without it, Node.js may take the variables of the process, which it reads in another way than the gateway.
        proxyEnv: proxy ? { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } : {},
        ...(files.ca && { ca: files.ca }),
        ...(files.cert && { cert: files.cert }),
        ...(files.key && { key: files.key }),
      },
      compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    },
    'TRACES',
    'v1/traces',
    {},
  );
  // The defaults have the headers as OpenTelemetry reads them, wrong ones too.
  const options = { ...defaults, headers: async () => ({ ...headers, 'Content-Type': type }) };
  const reading: typeof serializer = {
    serializeRequest: (spans) => serializer.serializeRequest(spans),
    // OpenTelemetry's own exporters tell a global logger alone what they find here.
    deserializeResponse(answer) {
      if (isPage(answer)) {
        onRejected('it answered with a page, as no collector does');
        return {};
      }
      const response = serializer.deserializeResponse(answer);
      const { rejectedSpans, errorMessage = '' } = response.partialSuccess ?? {};
      if (Number(rejectedSpans ?? 0) > 0)
        onRejected(`it rejected ${rejectedSpans} spans. ${errorMessage}`.trim());
      return response;
    },
  };
  return new OTLPExporterBase(
    http.createOtlpHttpExportDelegate(
      options,
      reading,
      'otlp_http_span_exporter',
      TraceExporterMetricsHelper,
      undefined,
    ),
  );
}

/** Of HTML or XML: neither form of a collector's answer begins so. */
function isPage(answer: Uint8Array): boolean {
  return new TextDecoder().decode(answer.subarray(0, MAX_REASON)).trimStart().startsWith('<');
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
