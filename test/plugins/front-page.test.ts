// What people find at `/` without the web app, at `/graphiql`, and at paths where nothing is.
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readVersion } from '../../src/config/read-version.ts';
import { startBrowser } from '../support/browser.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const NO_APP = { WEB_APP: 'off' };
const OFF = { ...NO_APP, GRAPHIQL: 'off' };
const STRANGERS = { AUTH: 'passthrough', APIVIDEO_API_KEY: '' };
const PATHS = { graphql: '/graphql', health: '/health', ready: '/ready' };

describe('at /', () => {
  test.each(['GET', 'HEAD'])('a browser is led to GraphiQL, with %s', async (method) => {
    await using started = await startListeningGateway({ env: NO_APP });

    const { status, headers, body } = await started.send({ method, path: '/', headers: BROWSER });

    expect([status, body]).toEqual([302, '']);
    // Not from the root: a proxy in front may have taken a prefix away.
    expect(headers).toMatchObject({ location: 'graphql', 'cache-control': 'no-store' });
  });

  test('a browser gets a page without GraphiQL: version, upstream and paths, and nothing that runs', async () => {
    await using started = await startListeningGateway({ env: OFF });

    const { status, headers, body } = await started.send({ path: '/', headers: BROWSER });

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; .*frame-ancestors 'none'$/);
    expect(policy).not.toMatch(/script|unsafe/);
    expect(body).toContain(`Version ${readVersion()}. Upstream: another host instead of api.video.`);
    for (const path of ['/graphql', '/health', '/ready', '/metrics'])
      expect(body).toContain(`href=".${path}"`);
    expect(body).toContain('queries by GET or POST and mutations by POST</li>');
    expect(body).not.toMatch(/<script|http:|127\.0\.0\.1|GraphiQL/);
  });

  test('a program gets the same as JSON, with GraphiQL or without', async () => {
    for (const env of [NO_APP, OFF]) {
      await using started = await startListeningGateway({ env });

      for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }]) {
        const { status, body } = await started.send({ path: '/?x', headers });
        expect(status).toBe(200);
        expect(JSON.parse(body)).toEqual({
          name: 'apivideo-graphql',
          version: readVersion(),
          upstream: 'another host instead of api.video',
          paths: { ...PATHS, metrics: '/metrics' },
          documents: expect.stringContaining('docs/'),
        });
      }
    }
  });

  test('strangers learn neither version nor upstream', async () => {
    await using started = await startListeningGateway({ env: STRANGERS });
    const { send } = started;

    const page = await send({ path: '/', headers: BROWSER });
    const json = await send({ path: '/' });

    expect([page.status, json.status]).toEqual([200, 200]);
    expect(page.body).toContain('href="./graphql"');
    expect(page.body).not.toMatch(new RegExp(`${readVersion().replaceAll('.', '\\.')}|Upstream|<script`));
    expect(JSON.parse(json.body)).toEqual({
      name: 'apivideo-graphql',
      paths: PATHS,
      documents: expect.any(String),
    });
    expect(started.sandbox.requests).toEqual([]);
  });

  test.each([
    ['https://ws.api.video', 'api.video'],
    ['https://sandbox.api.video', "api.video's sandbox"],
    ['https://internal.example/secret', 'another host instead of api.video'],
  ])('%s is named %s', async (url, name) => {
    await using started = await startListeningGateway({ env: { ...OFF, APIVIDEO_BASE_URL: url } });

    const { body } = await started.send({ path: '/' });

    expect(JSON.parse(body).upstream).toBe(name);
    expect(body).not.toContain('internal');
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])(
    '%s is at no path, and executes nothing',
    async (method) => {
      await using started = await startListeningGateway();
      const headers = { 'content-type': 'application/json' };
      const query = JSON.stringify({ query: '{ videos { totalCount } }' });

      for (const path of ['/', '/graphiql']) {
        const { status, body } = await started.send({ method, path, headers, body: [query] });
        expect([status, body]).toEqual([404, expect.stringContaining('The paths are /graphql, ')]);
      }
      expect(started.sandbox.requests).toEqual([]);
    },
  );

  test('the checks of every request hold: the host, and what a proxy has passed on', async () => {
    await using started = await startListeningGateway();
    const { send } = started;

    for (const path of ['/', '/graphiql', '/nowhere']) {
      const { status, body } = await send({ path, headers: { ...BROWSER, host: 'evil.example' } });
      expect([status, body]).toEqual([403, expect.stringContaining('The Host header')]);
    }
    for (const path of ['/', '/graphiql'])
      expect((await send({ path, headers: { ...BROWSER, 'x-forwarded-for': '1.2.3.4' } })).status).toBe(403);
  });
});

describe('at /graphiql', () => {
  test('everybody is led to GraphiQL where it is on', async () => {
    await using started = await startListeningGateway();

    for (const headers of [BROWSER, {}]) {
      const answer = await started.send({ path: '/graphiql', headers });
      expect([answer.status, answer.headers.location]).toEqual([302, 'graphql']);
    }
  });

  test('there is nothing where it is off', async () => {
    await using started = await startListeningGateway({ env: OFF });

    for (const headers of [BROWSER, {}])
      expect((await started.send({ path: '/graphiql', headers })).status).toBe(404);
  });
});

describe('at any other path', () => {
  test('a browser gets 404 with the paths, and nothing of its request', async () => {
    await using started = await startListeningGateway();

    const { status, headers, body } = await started.send({
      path: '/x/<b>stray</b>"?<i>',
      headers: BROWSER,
    });

    expect(status).toBe(404);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('There is nothing at this path.');
    expect(body).toContain('href="/graphql"');
    expect(body).not.toMatch(/stray|<i>/);
  });

  test.each(['/graphql/', '/graphiql/'])(
    'a browser that opens %s learns which path has GraphiQL, if it is on',
    async (path) => {
      for (const [env, names] of [
        [{}, true],
        [OFF, false],
      ] as const) {
        await using started = await startListeningGateway({ env });

        const { status, body } = await started.send({ path, headers: BROWSER });

        expect(status).toBe(404);
        const line = body.split('\n').find((each) => each.includes('href="/graphql"'));
        expect(line?.includes('a browser gets GraphiQL')).toBe(names);
      }
    },
  );

  test('strangers get no page', async () => {
    await using started = await startListeningGateway({ env: STRANGERS });

    const { status, headers } = await started.send({ path: '/nowhere', headers: BROWSER });

    expect([status, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
  });
});

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  }, 120_000);
  afterAll(() => browser.close());

  async function open(env: Record<string, string>, path: string) {
    await using stack = new AsyncDisposableStack();
    const program = stack.use(startGatewayProcess(['--sandbox'], { PORT: '0', ...env }));
    const url = new URL(path, await program.url);
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    stack.defer(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    const response = await page.goto(String(url));
    const opened = stack.move();
    return { page, response, complaints, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test('the page shows its style under its own policy, fits a phone, and its links lead somewhere', async () => {
    await using opened = await open(OFF, '/');
    const { page, response, complaints } = opened;

    expect(response?.status()).toBe(200);
    expect(await page.locator('h1').textContent()).toBe('apivideo-graphql');
    expect(await page.locator('body').textContent()).toContain('Upstream: embedded sandbox.');
    const styled = "getComputedStyle(document.body).maxWidth !== 'none'";
    expect(await page.evaluate(styled)).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(complaints).toEqual([]);
    await page.getByRole('link', { name: '/ready' }).click();
    await page.waitForURL('**/ready');
    expect(await page.locator('body').textContent()).toContain('"status":"ready"');
  }, 120_000);
});
