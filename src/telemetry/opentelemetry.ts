// Traces for OpenTelemetry, sent in batches to a collector over OTLP: a span for each operation, with a child span for each
// upstream call. It registers nothing globally, so that gateways in one process do not share it with each other or with
// the server around them. No span contains a video id, a variable, a document or a credential.
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { endsInTime } from '../upstream/ends-in-time.ts';
import type { Observer } from '../upstream/observer.ts';
import { type ClientRequest, currentRequest } from './current-request.ts';
import type { OperationObserver } from './observe-operations.ts';

export type Traces = {
  readonly operations: Required<OperationObserver>;
  readonly upstream: Observer;
  /** Sends the remaining spans, for at most a second. */
  close(): Promise<void>;
};

const CLOSE_MS = 1_000;
const NAME = 'apivideo-graphql';

/** @param endpoint - the collector's base URL, to which `/v1/traces` is appended. */
export function createTraces(endpoint: URL): Traces {
  const url = new URL(`${endpoint.href.replace(/\/$/, '')}/v1/traces`).href;
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const tracer = provider.getTracer(NAME);
  const propagator = new W3CTraceContextPropagator();
  const begun = new WeakMap<ClientRequest, { readonly span: Span; readonly context: Context }>();

  function begin(request: ClientRequest, type: string, field: string): Span {
    const caller = propagator.extract(ROOT_CONTEXT, request.headers, HEADERS);
    const name = type === 'invalid' ? 'invalid operation' : `${type} ${field}`;
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, caller);
    begun.set(request, { span, context: trace.setSpan(caller, span) });
    return span;
  }

  return {
    operations: {
      begin: ({ type, field }, request) => void begin(request, type, field),
      end({ name, type, field }, { status, errors }, request) {
        const span = begun.get(request)?.span ?? begin(request, type, field);
        span.setAttributes({
          'graphql.operation.type': type,
          ...(name !== undefined && { 'graphql.operation.name': name }),
          'apivideo_graphql.request_id': request.id,
          'apivideo_graphql.status': status,
          'apivideo_graphql.upstream_calls': request.upstreamCalls,
          'apivideo_graphql.error_codes': Object.keys(errors),
        });
        for (const [outcome, count] of request.outcomes)
          span.setAttribute(`apivideo_graphql.outcomes.${outcome}`, count);
        if (status === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    },
    upstream: {
      begin({ method, route }) {
        const request = currentRequest();
        const parent = (request && begun.get(request)?.context) ?? ROOT_CONTEXT;
        const attributes = { 'http.request.method': method, 'url.template': route };
        const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, attributes }, parent);
        const headers: Record<string, string> = {};
        propagator.inject(trace.setSpan(parent, span), headers, {
          set: (carrier, key, value) => {
            carrier[key] = value;
          },
        });
        return {
          headers,
          end(end) {
            if (typeof end === 'number') span.setAttribute('http.response.status_code', end);
            else span.setAttribute('error.type', end);
            if (typeof end !== 'number' || end >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
            span.end();
          },
        };
      },
    },
    async close() {
      // The gateway stops even if the collector is gone.
      const sent = provider.shutdown().catch(() => {});
      await endsInTime(sent, { deadline: performance.now() + CLOSE_MS });
    },
  };
}

const HEADERS = {
  get: (headers: Headers, key: string) => headers.get(key) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};
