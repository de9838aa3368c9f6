// The gateway as one object: GraphQL over HTTP with its plugins, in front of api.video. It does not listen by itself
// and reads no environment.
import type { RequestListener } from 'node:http';
import { useDisableIntrospection } from '@graphql-yoga/plugin-disable-introspection';
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import type { Access } from './auth/access.ts';
import { createAuthenticate } from './auth/create-authenticate.ts';
import { createKeySet } from './auth/key-set.ts';
import { isLoopback } from './config/addresses.ts';
import type { Config } from './config/config.ts';
import { findProxy } from './config/outgoing-proxies.ts';
import { PATHS, readGraphqlPath, toEntrances } from './config/paths.ts';
import { createContext, toQuota } from './context.ts';
import { createProjects } from './create-projects.ts';
import { toClientError } from './errors.ts';
import { useIdLists } from './id-lists.ts';
import { createNodeHandler } from './node-handler.ts';
import { createOperations } from './operations/create-operations.ts';
import { openStorage } from './operations/open-storage.ts';
import { useAccept } from './plugins/accept.ts';
import { type Authenticated, useAuthentication } from './plugins/authentication.ts';
import { useBodyLimit } from './plugins/body-limit.ts';
import { createReadClientAddress, useClientAddress } from './plugins/client-address.ts';
import { useCors } from './plugins/cors.ts';
import { type Departing, useDeparture } from './plugins/departure.ts';
import { useDocumentCache } from './plugins/document-cache.ts';
import { useDocumentSize } from './plugins/document-size.ts';
import { useForwardedCheck } from './plugins/forwarded.ts';
import { createGuide, useFrontPage } from './plugins/front-page.ts';
import { useGraphiQLPage } from './plugins/graphiql.ts';
import { type Readiness, useHealth } from './plugins/health.ts';
import { useHostCheck } from './plugins/host-check.ts';
import { splitUsed, useJsonRequest, type WithBody } from './plugins/json-request.ts';
import { useKnownPaths } from './plugins/known-paths.ts';
import { type Placed, useMaxRequests } from './plugins/max-requests.ts';
import { useOperationLimits } from './plugins/operation-limits.ts';
import { useTakenDocuments } from './plugins/persisted-operations.ts';
import { useReportedErrors } from './plugins/reported-errors.ts';
import { useSecurityHeaders } from './plugins/security-headers.ts';
import { Streams, toMostStreams } from './plugins/streams.ts';
import { MAX_VALUES, useVariablesSize } from './plugins/variables-size.ts';
import { findWebApp, useWebApp } from './plugins/web-app.ts';
import { toMostInFlight } from './project/create-project.ts';
import { resolvers } from './resolvers/index.ts';
import { createSchema } from './schema.ts';
import { createAudit } from './telemetry/audit.ts';
import { watchCircuit } from './telemetry/circuit.ts';
import type { GatewayState } from './telemetry/gateway-state.ts';
import { loadTraces } from './telemetry/load-traces.ts';
import { createLogOnce } from './telemetry/log-once.ts';
import { findLogOutput } from './telemetry/logger.ts';
import { loadMetrics } from './telemetry/metrics.ts';
import { useOperationObservers } from './telemetry/observe-operations.ts';
import { logNotReached, logOperations, logOutage, logUnsent } from './telemetry/operation-log.ts';
import { joinRequest, useRequestId } from './telemetry/request-id.ts';
import { ofClient, ofRequest, toYogaLogger } from './telemetry/request-logger.ts';
import { observeTransport, toOnWait } from './upstream/observer.ts';
import { createConnections } from './upstream/transport.ts';

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

/**
 * How many projects, with all that one may send at once, leave connections to the others however small `MAX_REQUESTS` is.
 * Else there is one connection for each request: then their number limits nothing that `MAX_REQUESTS` does not.
 */
const PROJECTS_AT_FULL_SPEED = 4;

/** A process has ten seconds from its signal to its end; the answers need some of them. */
const SETTLE_MS = 7_000;

/**
 * Creates a gateway. Before the first request it connects to nothing but the store of operations, if there is one.
 *
 * @param logger - with one by `createLogger`, or its child, the gateway sends no writes while lines cannot be written.
 * @param options - `path`: where the server that mounts it receives GraphQL, by default `/graphql`. `exampleIds`: videos
 *   that GraphiQL's example operations work on, if there are any to play with.
 * @throws {Error} if requests could not name that path, or it is one of the gateway's other paths.
 */
export async function createGateway(
  config: Config,
  logger: Logger,
  { path, exampleIds = [] }: { readonly path?: string; readonly exampleIds?: readonly string[] } = {},
): Promise<Gateway> {
  const paths = { ...PATHS, graphql: readGraphqlPath(path) };
  const { baseUrl, operations: settings, upstreamConcurrency: concurrency } = config;
  const keySet = createKeySet(config, logger);
  // A gateway in another server keeps none unless it is told where.
  const opened = settings.store.kind === 'none' ? undefined : openStorage(settings, logger);
  const state: GatewayState = {
    governors: () => [...projects].map(({ governor }) => governor),
    circuit: watchCircuit((isOpen, reason) => logOutage(logger, isOpen, reason)),
    openStreams: () => streams.count,
    log: findLogOutput(logger),
    keys: keySet,
    operations: opened?.storage,
    durable: () => durable?.state,
  };
  const metrics = config.metrics ? await loadMetrics(state) : undefined;
  const traces = await loadTraces(config, paths.graphql, logger);
  const watchers = [metrics, traces].filter((each) => each !== undefined);
  const warnUnsent = createLogOnce(logger);
  const observers = [joinRequest, logUnsent(warnUnsent), ...watchers.map(({ upstream }) => upstream)];
  const connections = createConnections({
    baseUrl,
    connections: Math.max(config.maxRequests, PROJECTS_AT_FULL_SPEED * toMostInFlight(concurrency)),
    timeoutMs: config.upstreamTimeoutMs,
    proxy: findProxy(config.proxies, baseUrl),
  });
  const projects = createProjects(config, connections, {
    logger,
    mayWrite: () => !state.log?.isStuck,
    observers: [...observers, state.circuit.ofProjects],
  });
  const transport = observeTransport(connections.share(CREDENTIAL_CHECKS), [
    ...observers,
    state.circuit.ofCredentials,
  ]);
  const audit = createAudit(logger, metrics?.onOutcome);
  const authentication = createAuthenticate(config, {
    transport,
    projects,
    findLogger: () => ofClient(logger),
    keySet,
    warnOnce: createLogOnce(logger),
    onWait: toOnWait(observers),
    onNoToken: (reason) => logNotReached(warnUnsent, reason),
  });
  const durable =
    opened &&
    createOperations(opened, authentication, {
      mostOpen: settings.maxOpenOperations,
      audit,
      metrics,
      logger,
    });
  const mostDurable = durable ? settings.maxBackgroundIds : 0;
  // Ids may be repeated, and one too many has an answer of its own.
  const mostIds = Math.max(toQuota(config.maxIds), 2 * mostDurable);
  const warn = (message: string) => ofRequest(logger).warn(message);
  const readiness: Readiness = { status: 'starting' };
  const readAddress = createReadClientAddress(config.trustedProxies);
  const { metrics: metricsPath, ...always } = paths;
  const served = metrics ? { ...always, metrics: metricsPath } : always;
  const entrances = toEntrances(paths.graphql, config);
  const readApp = findWebApp(config, entrances);
  const guide = createGuide(config, served, entrances);
  const enter = (access: Access, signal: AbortSignal) =>
    createContext(access, signal, { config, operations: durable?.operations, warn, audit });
  const streams = new Streams({ limit: toMostStreams(config.maxRequests), renew: enter, toClientError });
  const yoga = createYoga<Authenticated & Departing & Placed & WithBody>({
    schema: createSchema(resolvers),
    context: ({ access, departure }) => {
      if (!access || !departure) throw new Error('a request passed no authentication');
      return enter(access, departure);
    },
    graphqlEndpoint: paths.graphql,
    landingPage: false,
    // Yoga's own GraphiQL, health check and CORS answer before any plugin, and so before the check of the Host header.
    // The health check cannot be switched off, but no URL ends with a blank, so this one never matches.
    graphiql: false,
    healthCheckEndpoint: ' ',
    cors: false,
    multipart: false,
    maxRequestBodySize: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError: toClientError },
    logging: toYogaLogger(logger),
    plugins: [
      useRequestId(),
      useSecurityHeaders(),
      // The line of an operation has the id of its trace, so the trace comes first.
      useOperationObservers([...watchers.map(({ operations }) => operations), logOperations(logger)]),
      ...(traces ? [traces.plugin] : []),
      useClientAddress(readAddress),
      ...(isLoopback(config.host) ? [useHostCheck(config.allowedHosts, createLogOnce(logger))] : []),
      // A gateway that hides its schema shows a stranger no page either, but at `/`.
      useKnownPaths(Object.values(served), entrances, config.introspection ? guide : undefined),
      useHealth(readiness, state, config.auth.mode === 'passthrough' ? undefined : projects),
      ...(config.auth.mode === 'none' && !config.allowUnauthenticated
        ? [useForwardedCheck(createLogOnce(logger))]
        : []),
      ...(metrics ? [metrics.plugin] : []),
      ...(config.graphiql ? [useGraphiQLPage(paths.graphql, exampleIds, logger)] : []),
      ...(readApp ? [useWebApp(readApp, config, logger)] : []),
      useFrontPage(guide, entrances, config.graphiql),
      useCors(config, createLogOnce(logger)),
      useMaxRequests(config.maxRequests, readAddress),
      useDeparture(),
      useAccept(),
      useAuthentication(authentication.authenticate, readAddress),
      useJsonRequest(createLogOnce(logger), MAX_VALUES + mostIds),
      useBodyLimit(MAX_BODY_BYTES + Math.max(config.maxIds, mostDurable) * MAX_ID_BYTES),
      useTakenDocuments(config.persistedOperations, readApp),
      useIdLists(),
      useVariablesSize(mostIds),
      useDocumentCache(),
      useDocumentSize(),
      useReportedErrors({ hideSuggestions: !config.introspection }),
      useOperationLimits(),
      streams.plugin,
      ...(config.introspection ? [] : [useDisableIntrospection()]),
    ],
  });
  return {
    handle: createNodeHandler(
      (request, response, context) => yoga.handleNodeRequestAndResponse(request, response, context),
      logger,
    ),
    fetch: async (url, init = {}) => yoga.fetch(String(url), ...splitUsed(init)),
    readiness,
    drain() {
      readiness.status = 'draining';
      streams.stop();
      projects.drain();
      void durable?.drain();
      setTimeout(() => {
        projects.end();
        void connections.abort();
      }, SETTLE_MS).unref();
    },
    async close() {
      await durable?.close();
      await Promise.all([connections.close(), keySet?.close()]);
      await traces?.close();
    },
  };
}
