// GraphiQL in a real browser, with the network of the page watched: every tab runs as it is, and nothing comes from, or
// goes to, anywhere but the gateway.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway } from '../../src/gateway.ts';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const TABS = [
  'LiveVideos',
  'DeleteThree',
  'RemovedVideos',
  'RestoreThem',
  'NextPage',
  'FilterAndOrder',
  'DeleteIfRestorable',
  'Permissions',
  'DeleteInBackground',
  'Operations',
  'FollowThem',
];

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 120_000);
afterAll(() => browser.close());

/** Opens GraphiQL with everything blocked but its own origin, and notes what happens. */
async function openGraphiQL(url: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  // Nine megabytes are a lot to parse for a busy machine.
  page.setDefaultTimeout(100_000);
  const seen = { requests: [] as string[], failed: [] as string[], complaints: [] as string[] };
  const { origin } = new URL(url);
  await page.route(
    (asked) => asked.origin !== origin,
    (route) => route.abort(),
  );
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('requestfailed', (request) => seen.failed.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  const introspected = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.goto(url);
  await introspected;
  await showsOperation(page, 'LiveVideos');
  return { page, seen, origin, [Symbol.asyncDispose]: () => context.close() };
}

/** The editor is there a moment after the tab, and what is run before that is nothing. */
function showsOperation(page: Page, name: string): Promise<void> {
  const operation = page.locator('.graphiql-query-editor .view-line').filter({ hasText: name });
  return operation.first().waitFor();
}

async function runTab(page: Page, name: string): Promise<string> {
  await page.getByRole('tab').getByRole('button', { name, exact: true }).click();
  await eventually(async () =>
    expect(await page.locator('.graphiql-tab-active').textContent()).toContain(name),
  );
  await showsOperation(page, name);
  // GraphiQL looks at what the editor holds now and then; what is run sooner than that after a change is not sent.
  for (;;) {
    const sent = page
      .waitForRequest((request) => request.postData()?.includes(name) ?? false, { timeout: 3_000 })
      .catch(() => undefined);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const response = await (await sent)?.response();
    if (response) return response.text();
  }
}

function readResult(page: Page): Promise<string> {
  // The editor shows blanks as no-break spaces.
  return page
    .locator('.result-window .view-lines')
    .innerText()
    .then((text) => text.replaceAll('\u00a0', ' '));
}

describe('on the embedded sandbox', () => {
  test('every tab can be chosen by one click and runs as it is, and the page shows the results', async () => {
    await using gateway = startGatewayProcess(['--sandbox'], { PORT: '0' });
    await using opened = await openGraphiQL(String(new URL('/graphiql', await gateway.url)));
    const { page, seen, origin } = opened;

    expect(page.url()).toBe(`${origin}/graphql`);

    expect(await page.locator('.graphiql-tab-button').allTextContents()).toEqual(TABS);

    const live = await runTab(page, 'LiveVideos');
    expect(JSON.parse(live)).toMatchObject({ data: { videos: { totalCount: 200 } } });
    await eventually(async () => expect(await readResult(page)).toContain('"totalCount": 200'));

    const three = { requested: 3, succeeded: 3, failed: 0 };
    const deleted = await runTab(page, 'DeleteThree');
    expect(JSON.parse(deleted)).toMatchObject({ data: { deleteVideos: { summary: three, userErrors: [] } } });
    await eventually(async () => expect(await readResult(page)).toContain('"__typename": "VideoRemoved"'));
    await eventually(async () => expect(await readResult(page)).toContain('"alreadyRemoved": false'));

    const removed = await runTab(page, 'RemovedVideos');
    // 40, the three, and the video on which the gateway found out whether deletions can be restored.
    expect(JSON.parse(removed)).toMatchObject({ data: { removedVideos: { totalCount: 44 } } });
    const [id = 'none'] = /vi\w{10,}/.exec(deleted) ?? [];
    expect(removed).toContain(id);
    await eventually(async () => expect(await readResult(page)).toContain('"removedVideos"'));

    const restored = await runTab(page, 'RestoreThem');
    expect(JSON.parse(restored)).toMatchObject({
      data: { restoreVideos: { summary: three, userErrors: [] } },
    });
    await eventually(async () => expect(await readResult(page)).toContain('"__typename": "VideoRestored"'));
    await eventually(async () => expect(await readResult(page)).toContain('"alreadyLive": false'));

    const first = await runTab(page, 'NextPage');
    expect(JSON.parse(first)).toMatchObject({
      data: { videos: { totalCount: 200, pageInfo: { hasNextPage: true, hasPreviousPage: false } } },
    });
    const filtered = JSON.parse(await runTab(page, 'FilterAndOrder'));
    const titles: string[] = filtered.data.videos.nodes.map(({ title }: { title: string }) => title);
    expect(titles).toHaveLength(10);
    for (const title of titles) expect(title).toMatch(/^How to /);
    expect(titles).toEqual(titles.toSorted());
    const again = await runTab(page, 'DeleteIfRestorable');
    expect(JSON.parse(again)).toMatchObject({
      data: { deleteVideos: { summary: { succeeded: 3, failed: 0 }, userErrors: [] } },
    });
    expect(JSON.parse(await runTab(page, 'Permissions'))).toMatchObject({
      data: { viewer: { canDelete: true, maxIds: 1000 }, videoRestore: { status: 'ENABLED' } },
    });
    expect(JSON.parse(await runTab(page, 'DeleteInBackground'))).toMatchObject({
      data: { deleteVideos: { operation: { id: expect.stringMatching(/^op_/) }, userErrors: [] } },
    });
    expect(JSON.parse(await runTab(page, 'Operations'))).toMatchObject({
      data: { operations: { nodes: [{ id: expect.stringMatching(/^op_/) }] } },
    });

    expect(seen.complaints).toEqual([]);
    expect(seen.failed).toEqual([]);
    expect(seen.requests.length).toBeGreaterThan(5);
    for (const asked of seen.requests) expect(new URL(asked).origin).toBe(origin);
  }, 120_000);
});

/** A gateway of this process that listens, with the example ids of `exampleIds`. */
async function startGateway(exampleIds: readonly string[]) {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox({ videos: demoVideos() }));
  const config = readConfig(
    { APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url },
    { sandbox: false },
  );
  const gateway = await createGateway({ ...config, apiKey: 'sandbox-key' }, pino({ level: 'silent' }), {
    exampleIds,
  });
  stack.defer(() => gateway.close());
  const { port } = stack.use(await listen(createServer(gateway.handle)));
  const started = stack.move();
  return {
    sandbox,
    url: `http://127.0.0.1:${port}/graphql`,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

test('with a project of one’s own, placeholders stand for the ids, and delete nothing', async () => {
  await using started = await startGateway([]);
  const { sandbox, url } = started;
  await using opened = await openGraphiQL(url);
  const { page, seen } = opened;

  const deleted = await runTab(page, 'DeleteThree');

  expect(JSON.parse(deleted)).toMatchObject({
    data: {
      deleteVideos: {
        summary: { requested: 3, succeeded: 0, failed: 3 },
        results: ['firstId', 'secondId', 'thirdId'].map((videoId) => ({ videoId, code: 'NOT_FOUND' })),
      },
    },
  });
  expect(sandbox.videos().filter(({ removedAt }) => removedAt === null)).toHaveLength(200);
  expect(seen.complaints).toEqual([]);
}, 120_000);

test('nothing lies over anything else on a phone or a wide screen, and all tabs can be reached', async () => {
  await using started = await startGateway([]);
  await using opened = await openGraphiQL(started.url);
  const { page } = opened;
  const parts = ['.graphiql-tabs', '.graphiql-logo span', '.graphiql-editors', '.graphiql-response'];

  for (const width of [1920, 1280, 360]) {
    await page.setViewportSize({ width, height: 740 });
    // The editors take their new width a moment after the page.
    await eventually(async () =>
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width),
    );
    const found = await Promise.all(
      parts.map(async (part) => ({ part, box: await page.locator(part).boundingBox() })),
    );
    const boxes = found.flatMap(({ part, box }) => (box ? [{ part, ...box }] : []));

    const shown = parts.filter((part) => width > 1400 || part !== '.graphiql-logo span');
    expect(boxes.map(({ part }) => part)).toEqual(shown);
    const overlaps = boxes.flatMap((one, at) =>
      boxes
        .slice(at + 1)
        // The tabs reach two pixels into the editor, so that they seem to be one.
        .filter((other) => Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x) > 2)
        .filter(
          (other) => Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y) > 2,
        )
        .map((other) => `${one.part} ${other.part}`),
    );
    expect(overlaps, `at ${width}`).toEqual([]);
  }
  await page.getByRole('tab').getByRole('button', { name: 'Permissions', exact: true }).click();
  await showsOperation(page, 'Permissions');
}, 120_000);

test('an operation runs by Ctrl-Enter as well', async () => {
  await using started = await startGateway([]);
  const { url } = started;
  await using opened = await openGraphiQL(url);
  const { page } = opened;

  await page.locator('.graphiql-query-editor .view-lines').click();
  const answered = page.waitForResponse(
    (response) => response.request().postData()?.includes('LiveVideos') ?? false,
  );
  await page.keyboard.press('Control+Enter');

  expect((await answered).status()).toBe(200);
  await eventually(async () => expect(await readResult(page)).toContain('"totalCount": 200'));
}, 120_000);

/** Calls back for each thread that this process starts. */
function countThreads(onThread: () => void) {
  process.on('worker', onThread);
  return { [Symbol.dispose]: () => void process.off('worker', onThread) };
}

// One after the other, since they count the threads of the process.
describe('the page', { concurrent: false }, () => {
  const accept = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('is rendered once, and not sent again to a browser that has it', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;
    let threads = 0;
    using _counting = countThreads(() => {
      threads += 1;
    });

    const [first, second] = await Promise.all(
      [1, 2].map(() => gateway.fetch('http://127.0.0.1/graphql', { headers: accept })),
    );
    const etag = first?.headers.get('etag') ?? '';
    const third = await gateway.fetch('http://127.0.0.1/graphql', {
      headers: { ...accept, 'if-none-match': etag },
    });

    expect(first?.status).toBe(200);
    expect(first?.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(first?.headers.get('cache-control')).toBe('no-cache');
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    expect(second?.headers.get('etag')).toBe(etag);
    expect(third.status).toBe(304);
    expect(await third.text()).toBe('');
    expect(threads).toBe(1);
  });

  test('is sent compressed to a browser that takes it so, and is the same page', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;
    const ask = (headers = {}) =>
      gateway.fetch('http://127.0.0.1/graphql', { headers: { ...accept, ...headers } });

    const plain = await ask();
    const compressed = await ask({ 'accept-encoding': 'gzip, deflate, br' });
    const html = Buffer.from(await plain.arrayBuffer());
    const gzipped = Buffer.from(await compressed.arrayBuffer());

    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(plain.headers.get('vary')).toContain('accept-encoding');
    expect(gzipped.length).toBeLessThan(html.length / 2);
    expect(gunzipSync(gzipped).equals(html)).toBe(true);
    const etag = compressed.headers.get('etag') ?? '';
    expect(etag).toBe(`W/${plain.headers.get('etag')}`);
    expect((await ask({ 'accept-encoding': 'gzip', 'if-none-match': etag })).status).toBe(304);
    for (const tags of ['*', `"another", ${etag}`, `${plain.headers.get('etag')}, W/"another"`]) {
      const known = await ask({ 'accept-encoding': 'gzip', 'if-none-match': tags });
      expect([known.status, known.headers.get('etag')]).toEqual([304, etag]);
    }
    expect((await ask({ 'if-none-match': 'W/"another"' })).status).toBe(200);
  });

  test('has the same headers for HEAD, with which a link checker asks', async () => {
    await using started = await startListeningGateway();
    const ask = (method: string, encoding: string) =>
      fetch(`${started.origin}/graphql`, { method, headers: { ...accept, 'accept-encoding': encoding } });

    for (const encoding of ['gzip', 'identity']) {
      const [page, head] = [await ask('GET', encoding), await ask('HEAD', encoding)];

      expect(head.status).toBe(200);
      for (const name of ['content-length', 'content-encoding', 'content-type', 'etag', 'vary'])
        expect(head.headers.get(name), name).toBe(page.headers.get(name));
      await page.arrayBuffer();
    }
  });

  test.each([
    ['ends without it', 'process.exit(0)'],
    ['fails', "throw new Error('a secret of the machine')"],
    ['fails after it', "setTimeout(() => { throw new Error('late') }, 1)"],
  ])('leaves the gateway alive if the thread that renders it %s', async (which, act) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'graphiql-'));
    const preload = join(folder.path, 'preload.cjs');
    await writeFile(preload, `if (!require('node:worker_threads').isMainThread) ${act};`);
    await using program = startGatewayProcess(['--sandbox'], {
      PORT: '0',
      NODE_OPTIONS: `--require=${preload}`,
    });
    const url = await program.url;

    const visits = await Promise.all([1, 2].map(() => fetch(url, { headers: accept })));
    const texts = await Promise.all(visits.map((visit) => visit.text()));
    const { status } = await fetch(new URL('/ready', url));

    expect(status).toBe(200);
    if (which === 'fails after it') return;
    expect(visits.map((visit) => visit.status)).toEqual([500, 500]);
    for (const text of texts) {
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
      expect(text).not.toMatch(/secret|graphiql\.ts|file:/);
    }
    expect(program.output.stdout.match(/could not be rendered/g)).toHaveLength(1);
  });

  test('may load nothing from elsewhere, send nothing elsewhere and be framed by nobody', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;

    const { headers } = await gateway.fetch('http://127.0.0.1/graphql', { headers: accept });

    const policy = headers.get('content-security-policy');
    for (const rule of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule);
    }
    expect(policy).not.toMatch(/https?:|\*/);
  });

  test('is for browsers: a program that accepts JSON is asked for a query', async () => {
    await using started = await startTestGateway();
    const { gateway } = started;

    const response = await gateway.fetch('http://127.0.0.1/graphql', {
      headers: { accept: 'application/json' },
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});
