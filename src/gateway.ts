// The gateway as one object: GraphQL over HTTP with its plugins, in front of api.video. It does not listen by itself
// and reads no environment.
import type { IncomingMessage, RequestListener } from 'node:http';
import { useDisableIntrospection } from '@graphql-yoga/plugin-disable-introspection';
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import { createAuthenticate } from './auth/create-authenticate.ts';
import { isLoopback } from './config/addresses.ts';
import type { Config } from './config/config.ts';
import { createContext } from './context.ts';
import { toClientError } from './errors.ts';
import { type Authenticated, useAuthentication } from './plugins/authentication.ts';
import { useBodyLimit } from './plugins/body-limit.ts';
import { createReadClientAddress, type OnConnection, useClientAddress } from './plugins/client-address.ts';
import { useCors } from './plugins/cors.ts';
import { type Departing, useDeparture } from './plugins/departure.ts';
import { createDocumentCache } from './plugins/document-cache.ts';
import { useDocumentSize } from './plugins/document-size.ts';
import { useForwardedCheck } from './plugins/forwarded.ts';
import { useGraphiQLPage } from './plugins/graphiql.ts';
import { type Readiness, useHealth } from './plugins/health.ts';
import { useHiddenSuggestions } from './plugins/hidden-suggestions.ts';
import { useHostCheck } from './plugins/host-check.ts';
import { useJsonRequest } from './plugins/json-request.ts';
import { useMaxRequests } from './plugins/max-requests.ts';
import { useOperationLimits } from './plugins/operation-limits.ts';
import { useKnownOperations } from './plugins/persisted-operations.ts';
import { SECURITY_HEADERS, useSecurityHeaders } from './plugins/security-headers.ts';
import { createProject } from './project/create-project.ts';
import { Projects } from './project/projects.ts';
import { resolvers } from './resolvers/index.ts';
import { createSchema } from './schema.ts';
import { createAudit } from './telemetry/audit.ts';
import { createLogOnce } from './telemetry/log-once.ts';
import { loadMetrics } from './telemetry/metrics.ts';
import { useOperationObservers } from './telemetry/observe-operations.ts';
import type { Traces } from './telemetry/opentelemetry.ts';
import { logOperations, logOutages } from './telemetry/operation-log.ts';
import { joinRequest, useRequestId } from './telemetry/request-id.ts';
import { ofRequest, toYogaLogger } from './telemetry/request-logger.ts';
import { observeTransport } from './upstream/observer.ts';
import { createTransport } from './upstream/transport.ts';

export type Gateway = {
  /** For `http.createServer`. */
  readonly handle: RequestListener;
  /** The same without a socket. */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** The status that `/ready` reports. */
  readonly readiness: Readiness;
  /**
   * Sends no new writes to upstream from now on. Writes already sent have up to seven seconds to finish, and are
   * answered; so have requests that still wait for upstream to authenticate them.
   */
  drain(): void;
  /** Closes the connections to upstream once the requests on them have ended, and sends the last traces. */
  close(): Promise<void>;
};

/** A document and its variables, without the ids; and an id of 64 characters in a JSON list. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ID_BYTES = 72;

/** How many callers' credentials upstream is asked about at a time. */
const CREDENTIAL_CHECKS = 50;

/** A process has ten seconds from its signal to its end; the answers need some of them. */
const SETTLE_MS = 7_000;

/**
 * Creates a gateway. It connects to nothing before the first request.
 *
 * @param options - `exampleIds`: videos that GraphiQL's example operations work on, if there are any to play with.
 */
export async function createGateway(
  config: Config,
  logger: Logger,
  { exampleIds = [] }: { readonly exampleIds?: readonly string[] } = {},
): Promise<Gateway> {
  const { baseUrl, upstreamConcurrency: concurrency, upstreamTimeoutMs: timeoutMs } = config;
  const metrics = config.metrics
    ? await loadMetrics(() => [...projects].map(({ governor }) => governor))
    : undefined;
  const traces = config.otlpEndpoint ? await loadTraces(config.otlpEndpoint) : undefined;
  const watchers = [metrics, traces].filter((each) => each !== undefined);
  const observers = [joinRequest, logOutages(logger), ...watchers.map(({ upstream }) => upstream)];
  const projects = new Projects(() =>
    createProject({
      baseUrl,
      dialect: config.dialect,
      videoRestore: config.videoRestore,
      concurrency,
      timeoutMs,
      lagMs: config.upstreamLagMs,
      readCacheMs: config.readCacheSeconds * 1000,
      onReappeared: (videoId) =>
        logger.warn({ videoId }, 'api.video shows a video that was proved not to exist'),
      onFault: (err) =>
        ofRequest(logger).error({ err }, 'a deletion or restore failed by a fault of the gateway'),
      observers,
    }),
  );
  const transport = observeTransport(
    createTransport({ baseUrl, connections: CREDENTIAL_CHECKS, timeoutMs }),
    observers,
  );
  const audit = createAudit(logger, metrics?.onOutcome);
  const warn = (message: string) => ofRequest(logger).warn(message);
  const readiness: Readiness = { status: 'starting' };
  const yoga = createYoga<Authenticated & Departing & OnConnection>({
    schema: createSchema(resolvers),
    context: ({ access, departure }) => {
      if (!access || !departure) throw new Error('a request passed no authentication');
      return createContext(config, access, departure, warn, audit);
    },
    landingPage: false,
    // Yoga's own GraphiQL, health check and CORS answer before any plugin, and so before the check of the Host header.
    // The health check cannot be switched off, but no URL ends with a blank, so this one never matches.
    graphiql: false,
    healthCheckEndpoint: ' ',
    cors: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: createDocumentCache(),
    maskedErrors: { maskError: toClientError },
    logging: toYogaLogger(logger),
    plugins: [
      useRequestId(),
      useSecurityHeaders(),
      useOperationObservers([logOperations(logger), ...watchers.map(({ operations }) => operations)]),
      useClientAddress(createReadClientAddress(config.trustedProxies)),
      ...(isLoopback(config.host) ? [useHostCheck(config.allowedHosts, createLogOnce(logger))] : []),
      useHealth(readiness, config.auth.mode === 'passthrough' ? undefined : projects),
      ...(config.auth.mode === 'none' && !config.allowUnauthenticated
        ? [useForwardedCheck(createLogOnce(logger))]
        : []),
      ...(metrics ? [metrics.plugin] : []),
      ...(config.graphiql ? [useGraphiQLPage(exampleIds, logger)] : []),
      useCors(config.corsOrigins),
      useMaxRequests(config.maxRequests),
      useDeparture(),
      useAuthentication(createAuthenticate(config, transport, projects, logger)),
      useJsonRequest(),
      useBodyLimit(MAX_BODY_BYTES + config.maxIds * MAX_ID_BYTES),
      ...(config.persistedOperations ? [useKnownOperations(config.persistedOperations)] : []),
      useDocumentSize(),
      useOperationLimits(),
      ...(config.introspection ? [] : [useDisableIntrospection(), useHiddenSuggestions()]),
    ],
  });
  return {
    handle(request, response) {
      if (hasReadableAddress(request)) void yoga(request, response);
      else response.writeHead(400, SECURITY_HEADERS).end();
    },
    fetch: async (url, init) => yoga.fetch(String(url), init ?? {}),
    readiness,
    drain() {
      readiness.status = 'draining';
      projects.drain();
      setTimeout(() => {
        projects.end();
        void transport.abort();
      }, SETTLE_MS).unref();
    },
    async close() {
      await Promise.all([projects.close(), transport.close()]);
      await traces?.close();
    },
  };
}

/** Loads the tracing libraries only here: a gateway without traces does not load them. */
async function loadTraces(endpoint: URL): Promise<Traces> {
  const { createTraces } = await import('./telemetry/opentelemetry.ts');
  return createTraces(endpoint);
}

/** Yoga joins Host and target into one URL, and for an invalid one answers with the stack of its own exception. */
function hasReadableAddress({ headers: { host }, url }: IncomingMessage): boolean {
  return Boolean(host && url?.startsWith('/') && URL.canParse(`http://${host}${url}`));
}
