// The web app over HTTP: its page, its files, and who gets them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type ListeningGateway, startListeningGateway } from '../support/listening-gateway.ts';

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const ENCODINGS = { 'accept-encoding': 'gzip, deflate, br, zstd' };
const PAGES = ['/', '/removed'];

const html = readFileSync(join(BUILT, 'index.html'), 'utf8');
const assets = readdirSync(join(BUILT, 'assets')).filter((name) => !/\.(br|gz)$/.test(name));
const script = assets.find((name) => html.includes(`src="./assets/${name}"`)) ?? '';

/** What a browser gets; `fetch` decodes the body. */
const get = ({ origin }: ListeningGateway, path: string, headers: Record<string, string> = BROWSER) =>
  fetch(origin + path, { headers });

describe('the page', () => {
  test('is the same at / and /removed, and says how to sign in and whether there is GraphiQL', async () => {
    await using started = await startListeningGateway();

    const pages = await Promise.all(PAGES.map(async (path) => (await get(started, path)).text()));

    expect(pages[0]).toBe(pages[1]);
    expect(pages[0]).toContain('<meta name="auth" content="none">');
    expect(pages[0]).toContain('<meta name="graphiql" content="on">');
    expect(pages[0]).toContain(`src="./assets/${script}"`);
  });

  test('says another way to sign in where callers need credentials', async () => {
    const env = { AUTH: 'passthrough', APIVIDEO_API_KEY: '', WEB_APP: 'on' };
    await using started = await startListeningGateway({ env });

    const page = await (await get(started, '/')).text();

    expect(page).toContain('<meta name="auth" content="passthrough">');
    expect(page).toContain('<meta name="graphiql" content="off">');
    expect(started.sandbox.requests).toEqual([]);
  });

  test('runs under a policy without inline scripts, with Trusted Types, for its own and api.video’s things', async () => {
    await using started = await startListeningGateway();

    const { headers } = await get(started, '/removed');

    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=' 'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg='; img-src 'self' https://*.api.video; connect-src 'self'; frame-src https://embed.api.video; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  test('comes with HEAD as with GET, and with no other method', async () => {
    await using started = await startListeningGateway();

    for (const path of [...PAGES, `/assets/${script}`]) {
      const head = await started.send({ method: 'HEAD', path, headers: BROWSER });
      expect([head.status, head.body], path).toEqual([200, '']);
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
        expect((await started.send({ method, path, headers: BROWSER })).status, `${method} ${path}`).toBe(
          404,
        );
    }
  });

  test('is for browsers: a program gets the paths as JSON, the app among them', async () => {
    await using started = await startListeningGateway();

    for (const path of PAGES) {
      const answer = await get(started, path, { accept: '*/*' });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        expect.objectContaining({
          paths: expect.objectContaining({ webApp: '/', graphql: '/graphql' }),
        }),
      ]);
    }
  });

  test('leaves GraphiQL at /graphiql and /graphql, and is named where nothing is', async () => {
    await using started = await startListeningGateway();

    const entrance = await started.send({ path: '/graphiql', headers: BROWSER });
    expect([entrance.status, entrance.headers.location]).toEqual([302, 'graphql']);
    expect(await (await get(started, '/graphql')).text()).toContain('GraphiQL');
    const nowhere = await get(started, '/nowhere');
    expect(nowhere.status).toBe(404);
    expect(await nowhere.text()).toContain('<a href="/">/</a>: the web app');
  });
});

describe('compressed', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['gzip, br;q=0', 'gzip'],
    ['*', 'br'],
    ['br;q=0, gzip;q=0', null],
    ['identity, br;q=0.5', null],
    ['deflate', null],
  ])('for %s, the page and its files come as %s', async (accepted, coding) => {
    await using started = await startListeningGateway();
    const headers = { ...BROWSER, 'accept-encoding': accepted };
    const plain = { ...BROWSER, 'accept-encoding': 'identity' };

    for (const path of [
      '/',
      ...assets.filter((name) => /\.(js|css|svg)$/.test(name)).map((name) => `/assets/${name}`),
    ]) {
      const answer = await get(started, path, headers);
      expect([answer.status, answer.headers.get('content-encoding')], path).toEqual([200, coding]);
      expect(answer.headers.get('vary'), path).toMatch(/accept-encoding/);
      expect(await answer.text(), path).toBe(await (await get(started, path, plain)).text());
    }
  });

  test('every file is as small as the build has made it', async () => {
    await using started = await startListeningGateway();

    for (const [accepted, end] of [
      ['br', '.br'],
      ['gzip', '.gz'],
      ['identity', ''],
    ] as const) {
      const { headers } = await get(started, `/assets/${script}`, { 'accept-encoding': accepted });
      const { byteLength } = readFileSync(join(BUILT, 'assets', script + end));
      expect(headers.get('content-length'), accepted).toBe(String(byteLength));
    }
  });
});

describe('a file', () => {
  test('has its type, and is kept for ever, since its name changes with its content', async () => {
    await using started = await startListeningGateway();
    const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };

    for (const name of assets) {
      expect(name).toMatch(/-[\w-]{8}\.\w+$/);
      const { headers } = await get(started, `/assets/${name}`, ENCODINGS);
      expect(headers.get('content-type'), name).toBe(`${types[name.split('.').at(-1) ?? '']}; charset=utf-8`);
      expect(headers.get('cache-control'), name).toBe('public, max-age=31536000, immutable');
    }
  });

  test.each([
    '/assets/index-00000000.js',
    '/assets/',
    '/assets',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
    '/assets/x/index.js',
    '/index.html',
    '/operations.json',
    '/removed/',
    '/removed/x',
  ])('that the app lacks is 404 and never the page: %s', async (path) => {
    await using started = await startListeningGateway();

    for (const headers of [BROWSER, { accept: '*/*' }]) {
      const { status, body } = await started.send({ path, headers });
      expect(status).toBe(404);
      expect(body).not.toContain('id="root"');
    }
  });

  test('cannot stand for another path', async () => {
    await using started = await startListeningGateway();

    const { status } = await started.send({ path: '/assets/../graphql?query={videos{totalCount}}' });

    expect(status).toBe(404);
    expect(started.sandbox.requests).toEqual([]);
  });
});

describe('for nobody else', () => {
  test('a name of another host gets 403 for the page and for its files', async () => {
    await using started = await startListeningGateway();

    for (const path of [...PAGES, `/assets/${script}`]) {
      const headers = { ...BROWSER, host: 'evil.example' };
      const { status, body } = await started.send({ path, headers });
      expect([status, body]).toEqual([403, expect.stringContaining('The Host header')]);
    }
  });

  test.each([
    ['WEB_APP=off', { WEB_APP: 'off' }],
    ['anybody who can reach it', { HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'true' }],
    ['callers with credentials', { AUTH: 'passthrough', APIVIDEO_API_KEY: '' }],
  ])('a gateway for %s has none of it', async (_name, env) => {
    await using started = await startListeningGateway({ env });

    for (const path of ['/removed', `/assets/${script}`])
      expect((await started.send({ path, headers: BROWSER })).status, path).toBe(404);
    expect((await started.send({ path: '/', headers: BROWSER })).body).not.toContain('id="root"');
    expect((await started.send({ path: '/' })).body).not.toContain('webApp');
  });
});
