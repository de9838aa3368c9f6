// The process that serves: reads the environment, listens, drains on signals. Of the gateway's own code, only this folder
// and `program.ts` read the environment, handle signals, and end the process.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import { isEveryAddress } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { findProxy } from '../config/outgoing-proxies.ts';
import { PATHS } from '../config/paths.ts';
import { readConfig } from '../config/read-config.ts';
import { isWebAppBuilt, NOT_BUILT } from '../config/web-app-folder.ts';
import { createGateway, type Gateway } from '../gateway.ts';
import { createLogger, findLogOutput } from '../telemetry/logger.ts';
import { onEndOfNpm } from './end-of-npm.ts';
import { createHttpServer, DEFAULT_TIMEOUTS, watchUnused } from './http-server.ts';
import { STOP_SIGNALS } from './stop-signals.ts';

const STDOUT = 1;
const DATA_DIR = './data';
/** From the signal until the gateway cuts off unanswered requests. */
const DRAIN_MS = 9_000;
/** From the signal until the process exits, even if upstream has not answered. */
const EXIT_MS = 9_500;

/**
 * Serves until a signal ends it.
 *
 * @returns the exit code: 0, or 1 if an audit line is lost.
 * @throws {Error} with a message for the user, if it cannot serve.
 */
export async function serve({
  sandbox,
  onListening,
}: {
  sandbox: boolean;
  onListening: () => void;
}): Promise<number> {
  const config = readConfig(process.env, { sandbox, dataDir: DATA_DIR });
  // Not `process.stdout`: Node.js would make a shared pipe non-blocking, and its other writers would lose lines.
  const logger = await createLogger(config.logLevel, { isTTY: isatty(STDOUT), fd: STDOUT });
  const signal = nextSignal();
  const upstream = config.sandbox ? await startSandbox() : connect(config);
  const gateway = await createGateway({ ...config, ...upstream.access }, logger, upstream);
  try {
    const server = createHttpServer(gateway.handle, {
      ...DEFAULT_TIMEOUTS,
      idleMs: config.keepAliveSeconds * 1000,
    });
    const closeUnused = watchUnused(server);
    const url = await listen(server, config, logger);
    gateway.readiness.status = 'ready';
    for (const line of config.warnings) logger.warn(line);
    for (const line of upstream.notes) logger.info(line);
    if (config.webApp) logWebApp(logger, url);
    const what = config.graphiql ? 'GraphQL, and GraphiQL for browsers,' : 'GraphQL';
    logger.info({ url, upstream: upstream.name }, `${what} at ${url}`);
    onListening();
    const name = await signal;
    logger.info({ signal: name }, `${name}: finishing the requests in flight`);
    await announce(gateway, config);
    setTimeout(() => process.exit(toExitCode(logger)), EXIT_MS).unref();
    await drain(server, gateway, closeUnused);
  } finally {
    await Promise.all([gateway.close(), upstream.close()]);
  }
  logger.info('stopped');
  await new Promise<unknown>((resolve) => logger.flush(resolve));
  return toExitCode(logger);
}

function logWebApp(logger: Logger, url: string): void {
  if (isWebAppBuilt()) logger.info(`The web app for browsers at ${new URL('/', url)}`);
  else logger.warn(NOT_BUILT);
}

/** 1 if an audit line is lost: the record of what the gateway did has a gap. */
function toExitCode(logger: Logger): number {
  return findLogOutput(logger)?.unwrittenAudits ? 1 : 0;
}

/**
 * Resolves with the first signal from now on, or the end of `npm start`, so that a signal during the start also ends the
 * process cleanly. Later signals change nothing: npm forwards a signal that the process has already received, and the
 * second would kill it.
 */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of STOP_SIGNALS) process.on(name, resolve);
    onEndOfNpm(process.env, () => resolve('the end of npm'));
  });
}

/** @returns the URL for people on this machine. */
async function listen(server: Server, { port, host }: Config, logger: Logger): Promise<string> {
  const name = host.includes(':') ? `[${host}]` : host;
  try {
    await listenAt(server, port, host).catch(async (error: unknown) => {
      if (!isEveryAddress(host) || !MISSING_IPV6.includes(toCode(error))) throw error;
      logger.info(
        `This machine has no IPv6 (${toCode(error)}), so the gateway listens on 0.0.0.0 instead of ${host}`,
      );
      await listenAt(server, port, '0.0.0.0');
    });
  } catch (error) {
    throw new Error(toListenFault(error, `${name}:${port}`), { cause: error });
  }
  const address = server.address();
  // A browser cannot open the address that stands for all.
  const shown = host === '0.0.0.0' || isEveryAddress(host) ? 'localhost' : name;
  return `http://${shown}:${typeof address === 'object' && address ? address.port : port}${PATHS.graphql}`;
}

async function listenAt(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

/** The kernel has none, or it is switched off. */
const MISSING_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'];

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function toListenFault(error: unknown, where: string): string {
  const code = toCode(error);
  if (code !== 'EADDRINUSE') return `Cannot listen on ${where}: ${code || error}. Check HOST and PORT.`;
  return `Cannot listen on ${where}: another process already does. Stop that process, or set PORT to another port, or to 0 for any free port.`;
}

/** Answers 503 at `/ready` and goes on serving, so that a load balancer sends new clients elsewhere before the end. */
async function announce({ readiness }: Gateway, { drainDelaySeconds }: Config): Promise<void> {
  readiness.status = 'draining';
  await delay(drainDelaySeconds * 1000);
}

async function drain(server: Server, gateway: Gateway, closeUnused: () => void): Promise<void> {
  gateway.drain();
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  // A connection without a request, kept alive or opened in advance, would keep the server open.
  const idle = setInterval(() => {
    server.closeIdleConnections();
    closeUnused();
  }, 50);
  server.close();
  await once(server, 'close');
  clearTimeout(cut);
  clearInterval(idle);
}

/** The upstream to serve: its address and key, lines for the user, and video ids for GraphiQL's examples. */
type ServedUpstream = {
  readonly access: { readonly apiKey: string | undefined; readonly baseUrl: URL };
  readonly name: string;
  readonly notes: readonly string[];
  readonly exampleIds: readonly string[];
  readonly close: () => Promise<void>;
};

function connect({ apiKey, baseUrl, auth, proxies }: Config): ServedUpstream {
  const proxy = findProxy(proxies, baseUrl);
  const way = proxy ? `, through the proxy ${proxy.host}` : '';
  const whose = auth.mode === 'passthrough' ? "the callers' projects" : 'the project of APIVIDEO_API_KEY';
  return {
    access: { apiKey, baseUrl },
    name: baseUrl.host,
    notes: [`Serving ${whose} on ${baseUrl.host}${way}, AUTH=${auth.mode}.`],
    exampleIds: [],
    close: async () => {},
  };
}

async function startSandbox(): Promise<ServedUpstream> {
  const [{ createSandbox }, { demoVideos }] = await Promise.all([
    import('../sandbox/server.ts'),
    import('../sandbox/demo-videos.ts'),
  ]);
  const apiKey = 'sandbox-key';
  const videos = demoVideos();
  const sandbox = await createSandbox({ apiKey, videos });
  const live = videos.filter(({ removedAt }) => removedAt === null);
  const newest = live.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return {
    access: { apiKey, baseUrl: new URL(sandbox.url) },
    name: 'embedded sandbox',
    notes: [
      `Serving an embedded, in-memory sandbox of api.video, with ${live.length} live and ${videos.length - live.length} removed demo videos.`,
      'To serve your own project, set APIVIDEO_API_KEY to its key.',
    ],
    exampleIds: newest.slice(0, 3).map(({ videoId }) => videoId),
    close: () => sandbox.close(),
  };
}
