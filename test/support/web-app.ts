// The web app in a browser, served by a gateway of its own in front of a sandbox of its own. Whatever the page complains of
// fails the test: an error or a warning, a violation of its content security policy, a request to another host.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { type Logger, pino } from 'pino';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import type { OperationStoreSettings } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { createHttpServer } from '../../src/server/http-server.ts';
import { startBrowser } from './browser.ts';
import { listen } from './listen.ts';
import { startSandbox } from './sandbox.ts';
import { createUpstreamRequests, type UpstreamRequests } from './upstream-requests.ts';
import { watchComplaints } from './watch-complaints.ts';

export { assertVisible, findBarriers, readVisible } from './find-barriers.ts';
export { type LosingProxy, startLosingProxy } from './losing-proxy.ts';

/** A busy machine takes its time. */
const PATIENCE_MS = 60_000;

/** No name resolves, so that nothing leaves this machine; addresses on loopback need no name. */
const NO_OTHER_HOST = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';

/** One browser for the tests of a file. Each test opens pages of its own, which share nothing. */
export function useBrowser(): () => Browser {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await startBrowser([NO_OTHER_HOST]);
  }, 120_000);
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('The browser starts before the first test, not earlier.');
    return browser;
  };
}

/** A server between the browser and the gateway. */
export type Between = { readonly url: string; readonly close: () => Promise<void> };

/** The options of the sandbox, and some of the gateway and of the page. */
export type WebAppOptions = SandboxOptions & {
  /** The gateway's own settings, such as AUTH. VIDEO_RESTORE=on spares a test the writes of the probe. */
  env?: Record<string, string>;
  /** Where the gateway keeps durable operations: in memory by default. */
  store?: OperationStoreSettings;
  /** The lag that the gateway expects of upstream; it must stay well above `lagMs`. Default 300. */
  upstreamLagMs?: number;
  logger?: Logger;
  /** What the page opens, with its query. Default `/`. */
  path?: string;
  /** Viewport, colour scheme, forced colours, reduced motion, locale and so on. By default 1280 by 800, en-US, UTC. */
  context?: BrowserContextOptions;
  /** Runs before the page opens, for clocks, routes and scripts. */
  prepare?: (context: BrowserContext, page: Page) => Promise<unknown>;
  /** Starts what stands between the browser and the gateway, such as `startLosingProxy`. */
  through?: (gatewayUrl: string) => Promise<Between>;
  /** Complaints that the test expects: Chromium complains of each answer of 400 or more, and of each lost connection. */
  allow?: RegExp | readonly RegExp[];
};

/** `writes` and `lists`: what the sandbox has seen since its log was last cleared. */
export type WebApp = AsyncDisposable &
  UpstreamRequests & {
    readonly page: Page;
    readonly context: BrowserContext;
    readonly sandbox: Sandbox;
    readonly gateway: Gateway;
    /** The app's address without a slash at the end, such as `http://127.0.0.1:49152`. */
    readonly url: string;
    /** Another tab, which shares what tabs share, and is watched as the first one is. */
    openTab(path?: string): Promise<Page>;
    /** From now on, complaints of this kind are expected. */
    allow(pattern: RegExp): void;
    /** What the page has complained of so far, without what is expected. */
    complaints(): readonly string[];
  };

/** Opens the app. `await using` closes everything at the end of the test, and throws if the page has complained. */
export async function openWebApp(browser: Browser, options: WebAppOptions = {}): Promise<WebApp> {
  const { env, store, upstreamLagMs, logger, path, context: given, ...others } = options;
  const { prepare, through, allow = [], ...sandboxOptions } = others;
  await using starting = new AsyncDisposableStack();
  const sandbox = starting.use(await startSandbox(sandboxOptions));
  const requests = createUpstreamRequests(sandbox);
  const { url: gatewayUrl, gateway } = starting.use(await startGateway(sandbox, options));
  const between = await through?.(gatewayUrl);
  if (between) starting.defer(between.close);
  const url = between?.url ?? gatewayUrl;

  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
    ...given,
  });
  starting.defer(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const watch = await watchComplaints(context, [new URL(url).origin, sandbox.url], allow);
  const page = await context.newPage();
  await prepare?.(context, page);
  await page.goto(new URL(path ?? '/', url).href);
  const started = starting.move();

  return {
    page,
    context,
    sandbox,
    gateway,
    url,
    async openTab(path = '/') {
      const tab = await context.newPage();
      await tab.goto(new URL(path, url).href);
      return tab;
    },
    allow: watch.allow,
    complaints: watch.complaints,
    ...requests,
    async [Symbol.asyncDispose]() {
      try {
        await watch.flush();
      } finally {
        await started.disposeAsync();
      }
      const complaints = watch.complaints();
      if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
    },
  };
}

/** Listens as `npm start` does, in front of a sandbox that it takes for its own, whose pictures the page may show. */
async function startGateway(
  sandbox: Sandbox,
  { env, store = { kind: 'memory' }, upstreamLagMs = 300, logger }: WebAppOptions,
) {
  const baseUrl = new URL(sandbox.url);
  const config = readConfig(
    { APIVIDEO_API_KEY: sandbox.apiKey, APIVIDEO_BASE_URL: baseUrl.href, WEB_APP: 'on', ...env },
    { sandbox: false },
  );
  const gateway = await createGateway(
    { ...config, sandbox: true, baseUrl, upstreamLagMs, operations: { ...config.operations, store } },
    logger ?? pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' }),
  );
  gateway.readiness.status = 'ready';
  const server = createHttpServer(gateway.handle);
  const listening = await listen(server);
  return {
    gateway,
    url: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      gateway.drain();
      await listening[Symbol.asyncDispose]();
      await gateway.close();
    },
  };
}
