// The React examples in a browser, as pages of another origin than the gateway's.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { startBrowser } from './browser.ts';
import { eventually } from './eventually.ts';
import { bundleExamples, servePage } from './example-page.ts';
import { startListeningGateway } from './listening-gateway.ts';

export const EXAMPLES = ['react-apollo', 'react-urql'] as const;
const SETTINGS = { VIDEO_RESTORE: 'on', UPSTREAM_LAG_MS: '500', READ_CACHE_SECONDS: '0' };

export type Examples = Awaited<ReturnType<typeof startExamples>>;

/** Once for all files of a worker. */
let bundling: ReturnType<typeof bundleExamples> | undefined;

/** Bundles the examples, and starts a browser for them. */
export async function startExamples() {
  bundling ??= bundleExamples(EXAMPLES);
  const bundles = await bundling;
  const browser = await startBrowser();
  return {
    open: (name: (typeof EXAMPLES)[number], options: Options) =>
      openExample(browser, bundles.get(name) ?? '', options),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

type Options = Parameters<typeof startListeningGateway>[0] & {
  readonly mayCall?: boolean;
  readonly isDown?: boolean;
};

/** The example, open in a context of its own, and the gateway that it asks. */
async function openExample(
  browser: Browser,
  bundle: string,
  { mayCall = true, isDown = false, env, ...options }: Options,
) {
  await using stack = new AsyncDisposableStack();
  let origin = '';
  const server = stack.use(await servePage(bundle, () => origin));
  const gateway = stack.use(
    await startListeningGateway({
      env: { ...SETTINGS, ...(mayCall && { CORS_ORIGINS: server.origin }), ...env },
      ...options,
    }),
  );
  origin = gateway.origin;
  // urql sends queries by GET.
  const isGateway = (url: URL) => url.origin === origin;
  const context = await browser.newContext();
  stack.defer(() => context.close());
  const page = await context.newPage();
  // A machine that is busy with the other tests.
  page.setDefaultTimeout(90_000);
  if (isDown) await page.route(isGateway, (route) => route.abort());
  const complaints: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    // What the browser itself says of answers that the tests make fail.
    if (message.type() === 'error' && !/Failed to load resource|CORS policy/.test(text))
      complaints.push(text);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(server.origin);

  const section = (heading: string) => page.getByRole('region', { name: heading, exact: true });
  const button = (label: RegExp | string) => page.getByRole('button', { name: label });
  const box = (title: string) => page.getByRole('checkbox', { name: title, exact: true });
  const titles = (heading: string) => section(heading).locator('label').allTextContents();
  const { sandbox } = gateway;
  const truth = (isRemoved: boolean) =>
    sandbox.videos().filter((video) => (video.removedAt !== null) === isRemoved);
  const writes = () => gateway.calls().filter((call) => !call.startsWith('GET'));
  const started = stack.move();
  return {
    ...gateway,
    page,
    isGateway,
    pageOrigin: server.origin,
    complaints,
    section,
    button,
    box,
    titles,
    truth,
    writes,
    id: (title: string) => sandbox.videos().find((video) => video.title === title)?.videoId ?? 'none',
    /** Waits until both headings show upstream's totals. */
    showsTotals: () =>
      eventually(async () => {
        const headings = await page.locator('h2').allTextContents();
        expect(headings).toEqual([`Videos (${truth(false).length})`, `Removed (${truth(true).length})`]);
      }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
