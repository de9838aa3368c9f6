// Pages that reach the gateway through a proxy: GraphiQL under a prefix, and the development servers of frontends.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { createServer as createVite } from 'vite';
import { expect, test } from 'vitest';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { readProxyExample, replaceEach, startProxy } from './proxy-process.ts';

const COUNT = JSON.stringify({ query: '{ videos(first: 1) { totalCount } }' });

async function startOnSandbox(env: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(startGatewayProcess(['--sandbox'], { PORT: '0', ...env }));
  const { origin, port } = new URL(await gateway.url);
  const started = stack.move();
  return { gateway, origin, port: Number(port), [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Imports an example, with this origin in place of the gateway's. */
async function importExample(name: string, origin: string): Promise<unknown> {
  const code = replaceEach(readProxyExample(name), [['http://127.0.0.1:4000', origin]]);
  const { default: value } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  );
  return value;
}

test('GraphiQL works behind nginx under its prefix, and asks nothing but its own address', async () => {
  await using gateway = await startOnSandbox({
    GRAPHIQL: 'on',
    INTROSPECTION: 'on',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  await using proxy = await startProxy('nginx', [gateway.port]);
  await using stack = new AsyncDisposableStack();
  const browser = stack.adopt(await startBrowser(), (each) => each.close());
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  // A page of megabytes, on a machine that is busy with the other tests.
  page.setDefaultTimeout(90_000);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url())) asked.push(request.url());
  });
  const url = `https://127.0.0.1:${proxy.port}/video-api/graphql`;

  const introspected = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.goto(url);
  expect((await introspected).status()).toBe(200);
  await page.locator('.graphiql-query-editor .view-line').filter({ hasText: 'LiveVideos' }).first().waitFor();
  await eventually(async () => {
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const result = await page.locator('.result-window .view-lines').innerText();
    expect(result.replaceAll('\u00a0', ' ')).toContain('"totalCount": 200');
  });

  expect(asked.length).toBeGreaterThan(2);
  expect(new Set(asked)).toEqual(new Set([url]));
  const addresses = await page
    .locator('a[href]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
  for (const address of addresses) expect(address, 'no link leaves the prefix').toMatch(/^https:|^#/);
});

test('a page of Vite reaches the sandbox through the development server', async () => {
  await using gateway = await startOnSandbox();
  await using stack = new AsyncDisposableStack();
  const vite = stack.adopt(
    await createVite({
      ...Object(await importExample('vite', gateway.origin)),
      configFile: false,
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
    }),
    (each) => each.close(),
  );
  const { proxy } = vite.config.server;
  expect(proxy).toHaveProperty('/video-api');
  await vite.listen(0);
  const [local = ''] = vite.resolvedUrls?.local ?? [];

  const response = await fetch(new URL('/video-api/graphql', local), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: new URL(local).origin,
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
    },
    body: COUNT,
  });
  expect(await response.json()).toEqual({ data: { videos: { totalCount: 200 } } });
});

test('a gateway with a key refuses what Next.js passes on, unless its operator allows it; the sandbox does not', async () => {
  // As Next.js does: it rewrites the path, names the target in Host, and adds the headers of a proxy.
  const ask = async (origin: string) => {
    const { rewrites, experimental } = Object(await importExample('next', origin));
    expect(experimental.proxyTimeout).toBeGreaterThan(92_000);
    const [{ source, destination }] = await rewrites();
    expect(source).toBe('/video-api/:path*');
    return fetch(destination.replace(':path*', 'graphql'), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-host': 'localhost:3000',
        'x-forwarded-proto': 'http',
        'sec-fetch-site': 'same-origin',
      },
      body: COUNT,
    });
  };
  await using sandboxed = await startOnSandbox();
  const withKey = { PORT: '0', APIVIDEO_API_KEY: 'key', APIVIDEO_BASE_URL: 'http://127.0.0.1:9' };
  await using closed = startGatewayProcess([], withKey);
  await using allowed = startGatewayProcess([], { ...withKey, ALLOW_UNAUTHENTICATED: 'true' });

  const answer = await ask(sandboxed.origin);
  expect(await answer.json()).toEqual({ data: { videos: { totalCount: 200 } } });
  expect((await ask(new URL(await closed.url).origin)).status).toBe(403);
  expect((await ask(new URL(await allowed.url).origin)).status).toBe(200);
});
