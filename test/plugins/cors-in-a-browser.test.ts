import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer } from '../../src/server/http-server.ts';
import { startBrowser } from '../support/browser.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const PAGE = readFileSync(new URL('attackers-page.html', import.meta.url));
const SECRET = 'what nobody else may read';
const SLOW = 120_000;
let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser(['--host-resolver-rules=MAP evil.example 127.0.0.1', '--no-proxy-server']);
}, SLOW);
afterAll(() => browser.close());

function servePage({ url }: IncomingMessage, response: ServerResponse): boolean {
  if (!url?.startsWith('/attack?')) return false;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
  return true;
}

/** A gateway whose port also serves the attacker's page, as if its name had been another machine's a moment ago. */
async function startAttacked(env: Record<string, string> = {}) {
  const { videos, ids } = createVideos(1, { title: SECRET });
  await using stack = new AsyncDisposableStack();
  const { sandbox, gateway } = stack.use(
    await startTestGateway({ videos, env: { VIDEO_RESTORE: 'on', READ_CACHE_SECONDS: '0', ...env } }),
  );
  const arrived: { readonly site: unknown; isAnswered: boolean }[] = [];
  const handle: RequestListener = (request, response) => {
    if (servePage(request, response)) return;
    const entry = { site: request.headers['sec-fetch-site'], isAnswered: false };
    arrived.push(entry);
    response.once('close', () => {
      entry.isAnswered = true;
    });
    gateway.handle(request, response);
  };
  const { port } = stack.use(await listen(createHttpServer(handle)));
  const started = stack.move();
  return {
    sandbox,
    port,
    arrived,
    id: ids[0] ?? '',
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

type Attacked = Awaited<ReturnType<typeof startAttacked>>;

/** Opens the page at `origin`, which attacks the gateway under the name of `host`. */
async function openPage(origin: string, { port, id }: Pick<Attacked, 'port' | 'id'>, host = '127.0.0.1') {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/attack?${new URLSearchParams({ gateway: `http://${host}:${port}`, id })}`);
  return { page, [Symbol.asyncDispose]: () => context.close() };
}

/** Every attack of the page, or one, in turn: what the page could read by it, and what the sandbox saw. */
async function attack(page: Page, { sandbox, arrived }: Attacked, only?: string) {
  const every = await page.evaluate<string[]>('Object.keys(attacks)');
  const outcomes: { readonly name: string; readonly read: readonly string[]; readonly upstream: number }[] =
    [];
  for (const name of only ? [only] : every) {
    arrived.length = 0;
    sandbox.clearRequests();
    const read = await page.evaluate<string[]>(`attacks[${JSON.stringify(name)}]()`);
    await eventually(() => {
      expect(arrived, name).not.toEqual([]);
      expect(arrived.filter(({ isAnswered }) => !isAnswered)).toEqual([]);
    });
    outcomes.push({ name, read, upstream: sandbox.requests.length });
  }
  return outcomes;
}

/** The two that are foreign to a gateway on 127.0.0.1, each on a port of its own. */
const FOREIGN = [
  { site: 'cross-site', host: 'evil.example' },
  { site: 'same-site', host: '127.0.0.1' },
];

async function startForeign(host: string) {
  const listening = await listen(createServer(servePage));
  return {
    origin: `http://${host}:${listening.port}`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

describe('nothing of it reaches api.video, and nothing can be read, by a page', () => {
  test.each(FOREIGN)(
    'of $host and another port, which is $site',
    async ({ site, host }) => {
      await using attacked = await startAttacked();
      await using foreign = await startForeign(host);
      await using opened = await openPage(foreign.origin, attacked);

      const outcomes = await attack(opened.page, attacked);

      expect(outcomes).toEqual(outcomes.map(({ name }) => ({ name, read: [], upstream: 0 })));
      expect(outcomes.length).toBeGreaterThan(25);
      expect(attacked.arrived.map((each) => each.site)).toEqual([site]);
      expect(attacked.sandbox.state(attacked.id)).toBe('live');
    },
    SLOW,
  );

  test(
    'whose own name was pointed at the gateway, but that the Host is refused',
    async () => {
      await using attacked = await startAttacked();
      await using opened = await openPage(`http://evil.example:${attacked.port}`, attacked, 'evil.example');

      const outcomes = await attack(opened.page, attacked);

      expect(outcomes.filter(({ upstream }) => upstream > 0)).toEqual([]);
      const texts = outcomes.flatMap(({ read }) => read);
      expect(texts.length).toBeGreaterThan(10);
      expect(new Set(texts.map((text) => JSON.parse(text).errors[0].message))).toEqual(
        new Set(['The Host header names a host other than this machine. Call the gateway as localhost.']),
      );
      expect(attacked.sandbox.state(attacked.id)).toBe('live');
    },
    SLOW,
  );
});

describe('what the page tries does work', () => {
  test(
    'at the gateway’s own origin: JSON deletes and queries read; forms, and mutations by GET, do nothing there either',
    async () => {
      await using attacked = await startAttacked();
      await using opened = await openPage(`http://127.0.0.1:${attacked.port}`, attacked);

      const outcomes = await attack(opened.page, attacked);

      expect(outcomes.filter(({ upstream }) => upstream > 0).map(({ name }) => name)).toEqual([
        'a fetch of a query',
        'a fetch of a query without CORS',
        'a fetch of a query as JSON',
        'a script of a query',
        'an image of a query',
        'a style sheet of a query',
        'a stream of events',
        'a fetch of JSON',
        'a beacon of JSON',
      ]);
      const [fetched] = outcomes.filter(({ name }) => name === 'a fetch of a query');
      expect(fetched?.read.join()).toContain(SECRET);
      expect(attacked.sandbox.state(attacked.id)).toBe('removed');
    },
    SLOW,
  );

  test.each(FOREIGN)(
    'at $host where CORS_ORIGINS names it, and at no other origin then',
    async ({ host }) => {
      await using named = await startForeign(host);
      await using attacked = await startAttacked({ CORS_ORIGINS: named.origin });
      const { sandbox, id } = attacked;

      await using unnamed = await startForeign(host);
      await using other = await openPage(unnamed.origin, attacked);
      const [refused] = await attack(other.page, attacked, 'a fetch of JSON');
      expect(refused).toMatchObject({ read: [], upstream: 0 });
      expect(sandbox.state(id)).toBe('live');

      await using opened = await openPage(named.origin, attacked);
      const [answered] = await attack(opened.page, attacked, 'a fetch of JSON');
      expect(answered?.read.map((text) => JSON.parse(text))).toEqual([
        { data: { deleteVideos: { results: [{ __typename: 'VideoRemoved' }] } } },
      ]);
      expect(sandbox.state(id)).toBe('removed');
    },
    SLOW,
  );

  /** As a developer's page does, from another port. */
  const CALL = `(async (url) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'of-the-page' },
      body: JSON.stringify({ query: '{ videos(first: 1) { totalCount } }' }),
    });
    return [response.headers.get('x-request-id'), await response.json()];
  })`;

  test.each(['127.0.0.1', 'localhost', 'app.localhost'])(
    'from a page of %s and another port, with the embedded sandbox, and the page reads the request id',
    async (host) => {
      await using program = startGatewayProcess(['--sandbox'], { PORT: '0' });
      const url = await program.url;
      await using foreign = await startForeign(host);
      await using opened = await openPage(foreign.origin, { port: Number(new URL(url).port), id: '' });

      expect(await opened.page.evaluate(`${CALL}(${JSON.stringify(url)})`)).toEqual([
        'of-the-page',
        { data: { videos: { totalCount: 200 } } },
      ]);
    },
    SLOW,
  );

  test(
    'but not from there with a key, and the log names the origin',
    async () => {
      await using sandbox = await startSandbox();
      await using program = startGatewayProcess(['--sandbox'], {
        PORT: '0',
        APIVIDEO_API_KEY: 'sandbox-key',
        APIVIDEO_BASE_URL: sandbox.url,
      });
      const url = await program.url;
      await using foreign = await startForeign('localhost');
      await using opened = await openPage(foreign.origin, { port: Number(new URL(url).port), id: '' });

      await expect(opened.page.evaluate(`${CALL}(${JSON.stringify(url)})`)).rejects.toThrow(
        'Failed to fetch',
      );
      await eventually(() =>
        expect(program.output.stdout).toContain(
          `Refused a page of ${foreign.origin}: name it in CORS_ORIGINS`,
        ),
      );
      expect(sandbox.requests).toEqual([]);
    },
    SLOW,
  );
});
