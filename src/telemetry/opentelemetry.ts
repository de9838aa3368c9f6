// Traces for OpenTelemetry: a span for each operation, with a child span for each upstream call. The names are those of
// OpenTelemetry's conventions for HTTP and GraphQL. No span contains a video id, a variable, a document or a credential.
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import * as names from '@opentelemetry/semantic-conventions';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { findProxy, type OutgoingProxies } from '../config/outgoing-proxies.ts';
import type { TraceSettings } from '../config/read-traces.ts';
import type { Observer } from '../upstream/observer.ts';
import { type ClientRequest, currentRequest } from './current-request.ts';
import type { OperationObserver } from './observe-operations.ts';
import { createTraceExport } from './trace-export.ts';

export type Traces = {
  /** Adds what HTTP knows of a request to its span. */
  readonly plugin: Plugin;
  readonly operations: Required<OperationObserver>;
  readonly upstream: Observer;
  /** Sends the remaining spans, for at most a second. */
  close(): Promise<void>;
};

const NAME = 'apivideo-graphql';
/** The longest texts that clients choose. */
const MAX_TEXT = 256;
/** For an operation that could not be read, as the conventions say. */
const UNKNOWN_OPERATION = 'GraphQL Operation';
/** Codes of errors that the client has caused. Like a status of 4xx, they are no errors of the server's span. */
const CLIENT_FAULTS = new Set([
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'UNAUTHENTICATED',
]);

type Begun = { readonly span: Span; readonly context: Context };

/**
 * @param options - `baseUrl`: api.video's. `route`: the path of GraphQL. `proxies`: one of them may lead to the collector.
 */
export async function createTraces(
  settings: TraceSettings,
  {
    baseUrl,
    route: ownRoute,
    proxies,
  }: { readonly baseUrl: URL; readonly route: string; readonly proxies: OutgoingProxies },
  logger: Logger,
): Promise<Traces> {
  const proxy = findProxy(proxies, new URL(settings.url));
  const { provider, close } = await createTraceExport(settings, NAME, proxy, logger);
  const tracer = provider.getTracer(NAME);
  const propagator = settings.propagates ? new W3CTraceContextPropagator() : undefined;
  const received = new WeakMap<ClientRequest, { readonly method: string; readonly url: URL }>();
  const begun = new WeakMap<ClientRequest, Begun>();
  const upstream = toServer(baseUrl);
  const upstreamUrl = baseUrl.href.replace(/\/$/, '');

  /** The span of a request begins with the first thing that belongs to it: a call upstream, or its operation. */
  function beginOnce(request: ClientRequest): Begun {
    const known = begun.get(request);
    if (known) return known;
    const caller = propagator?.extract(ROOT_CONTEXT, request.headers, HEADERS) ?? ROOT_CONTEXT;
    const { method, url } = received.get(request) ?? {};
    const attributes = {
      ...(method !== undefined && { [names.ATTR_HTTP_REQUEST_METHOD]: method }),
      ...(url && {
        [names.ATTR_URL_PATH]: url.pathname.slice(0, MAX_TEXT),
        [names.ATTR_URL_SCHEME]: url.protocol.slice(0, -1),
        [names.ATTR_HTTP_ROUTE]: ownRoute,
        ...toServer(url),
      }),
    };
    const options = { kind: SpanKind.SERVER, attributes, startTime: request.startedAt };
    const span = tracer.startSpan(UNKNOWN_OPERATION, options, caller);
    request.traceId = span.spanContext().traceId;
    const result = { span, context: trace.setSpan(caller, span) };
    begun.set(request, result);
    return result;
  }

  return {
    plugin: {
      onRequest({ request: { method }, url }) {
        const request = currentRequest();
        if (request) received.set(request, { method, url });
      },
      onResponse({ response: { status } }) {
        const request = currentRequest();
        const span = request && begun.get(request)?.span;
        if (!span) return;
        const userAgent = request.headers.get('user-agent')?.slice(0, MAX_TEXT);
        span.setAttributes({
          [names.ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
          ...(request.address !== undefined && { [names.ATTR_CLIENT_ADDRESS]: request.address }),
          ...(userAgent !== undefined && { [names.ATTR_USER_AGENT_ORIGINAL]: userAgent }),
        });
        if (status >= 500) markFailed(span, String(status));
        if (!request.onStreamEnd) endNow(span);
      },
    },
    operations: {
      begin: (_operation, request) => void beginOnce(request),
      end({ name, type, field }, { status, errors, events }, request) {
        const { span } = beginOnce(request);
        if (type !== 'invalid') span.updateName(type).setAttribute('graphql.operation.type', type);
        const codes = Object.keys(errors);
        span.setAttributes({
          ...(name !== undefined && { 'graphql.operation.name': name }),
          'apivideo_graphql.field': field,
          'apivideo_graphql.request_id': request.id,
          'apivideo_graphql.status': status,
          'apivideo_graphql.upstream_calls': request.upstreamCalls,
          'apivideo_graphql.error_codes': codes,
          ...(events !== undefined && { 'apivideo_graphql.events': events }),
        });
        for (const [outcome, count] of request.outcomes)
          span.setAttribute(`apivideo_graphql.outcomes.${outcome}`, count);
        const fault = codes.find((code) => !CLIENT_FAULTS.has(code));
        if (fault !== undefined) markFailed(span, fault);
        // Its response came before.
        if (request.onStreamEnd) endNow(span);
      },
    },
    upstream: {
      begin({ method, route }) {
        const request = currentRequest();
        const parent = request ? beginOnce(request).context : ROOT_CONTEXT;
        const attributes = {
          [names.ATTR_HTTP_REQUEST_METHOD]: method,
          // Without the id, and without the query, which may contain titles and tags.
          [names.ATTR_URL_FULL]: upstreamUrl + route.replace('{videoId}', 'REDACTED'),
          'url.template': route,
          ...upstream,
        };
        const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, attributes }, parent);
        const headers: Record<string, string> = {};
        propagator?.inject(trace.setSpan(parent, span), headers, {
          set: (carrier, key, value) => {
            carrier[key] = value;
          },
        });
        return {
          headers,
          end(end) {
            if (typeof end === 'number') span.setAttribute(names.ATTR_HTTP_RESPONSE_STATUS_CODE, end);
            if (typeof end !== 'number' || end >= 400) markFailed(span, String(end));
            span.end();
          },
        };
      },
    },
    close,
  };
}

/** On the clock of the start: the SDK would take the wall clock. */
function endNow(span: Span): void {
  span.end(performance.now());
}

function markFailed(span: Span, type: string): void {
  span.setAttribute(names.ATTR_ERROR_TYPE, type).setStatus({ code: SpanStatusCode.ERROR });
}

function toServer({ hostname, port, protocol }: URL) {
  return {
    [names.ATTR_SERVER_ADDRESS]: hostname.replace(/^\[|\]$/g, '').slice(0, MAX_TEXT),
    [names.ATTR_SERVER_PORT]: port ? Number(port) : protocol === 'https:' ? 443 : 80,
  };
}

const HEADERS = {
  get: (headers: Headers, key: string) => headers.get(key) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};
