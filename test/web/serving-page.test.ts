// Which page a browser keeps. A build may change the page without changing its size, and npm packs every file with one date.
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createSchema, createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { useWebApp } from '../../src/plugins/web-app.ts';
import { createReadWebApp } from '../../src/plugins/web-app-files.ts';
import { captureLog } from '../support/capture-log.ts';
import { createFolder } from '../support/create-folder.ts';
import { listen } from '../support/listen.ts';

const DATE = new Date('1985-10-26T08:15:00Z');
const BROWSER = { accept: 'text/html' };

function writeApp(folder: string, title: string): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  const page = join(folder, 'index.html');
  writeFileSync(page, `<html><head><title>${title}</title></head></html>`);
  utimesSync(page, DATE, DATE);
  writeFileSync(join(folder, 'operations.json'), '{ "operations": [] }');
  finishBuild(folder);
}

/** As the build does at its end. */
function finishBuild(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name !== 'files.json',
  );
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const sizes = paths.map((path) => [relative(folder, path), statSync(path).size]);
  writeFileSync(join(folder, 'files.json'), JSON.stringify(Object.fromEntries(sizes)));
}

async function startApp(folder: string, baseUrl = 'http://127.0.0.1:4999', sandbox = false) {
  const { logger, lines } = captureLog('error');
  const readApp = createReadWebApp({}, pathToFileURL(`${folder}/`));
  const yoga = createYoga({
    schema: createSchema({ typeDefs: 'type Query { x: Int }' }),
    logging: false,
    plugins: [useWebApp(readApp, { sandbox, baseUrl: new URL(baseUrl) }, logger)],
  });
  const listening = await listen(createServer(yoga));
  return {
    lines,
    get: (headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${listening.port}/`, { headers: { ...BROWSER, ...headers } }),
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

describe('a page that a browser has', () => {
  test.each(['identity', 'br', 'gzip'])('is not sent again as long as it is the same: %s', async (coding) => {
    await using folder = await createFolder();
    writeApp(folder.path, 'One');
    await using app = await startApp(folder.path);

    const etag = (await app.get({ 'accept-encoding': coding })).headers.get('etag') ?? '';
    const again = await app.get({ 'accept-encoding': coding, 'if-none-match': `"other", ${etag}` });

    expect(etag).toMatch(/^(W\/)?"[\w-]{43}"$/);
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect(again.headers.get('content-security-policy')).toContain('require-trusted-types-for');
    expect((await app.get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('is sent again after a build that changed it, with the same size and the same date', async () => {
    await using folder = await createFolder();
    writeApp(folder.path, 'One');
    await using before = await startApp(folder.path);
    const etag = (await before.get()).headers.get('etag') ?? '';

    writeApp(folder.path, 'Two');
    await using after = await startApp(folder.path);
    const changed = await after.get({ 'if-none-match': etag });

    expect([changed.status, await changed.text()]).toEqual([
      200,
      expect.stringContaining('<title>Two</title>'),
    ]);
  });

  test('stays with the files that it was read with, whatever is built meanwhile', async () => {
    await using folder = await createFolder();
    writeApp(folder.path, 'One');
    await using app = await startApp(folder.path);
    await app.get();

    writeApp(folder.path, 'Two');

    expect(await (await app.get()).text()).toContain('<title>One</title>');
  });
});

test('a page that is built after the first visit is served without a restart', async () => {
  await using folder = await createFolder();
  await using app = await startApp(folder.path);

  const before = await app.get();
  expect([before.status, await before.text()]).toEqual([
    503,
    'The web app is not built: npm run build:web\n',
  ]);
  writeApp(folder.path, 'One');

  expect((await app.get()).status).toBe(200);
});

const SCRIPT = join('assets', 'index-1.js');

test.each([
  ['the page is empty', (path: string) => writeFileSync(join(path, 'index.html'), '')],
  ['a script is missing', (path: string) => rmSync(join(path, SCRIPT))],
  ['a compressed script is half written', (path: string) => writeFileSync(join(path, `${SCRIPT}.br`), '0')],
  ['its last file is missing', (path: string) => rmSync(join(path, 'files.json'))],
])('as long as a build goes on, nothing of it is served: %s', async (_, undo) => {
  await using folder = await createFolder();
  const build = () => {
    writeApp(folder.path, 'One');
    writeFileSync(join(folder.path, SCRIPT), 'export {};');
    writeFileSync(join(folder.path, `${SCRIPT}.br`), '0123456789');
    mkdirSync(join(folder.path, 'assets', 'a folder'), { recursive: true });
    finishBuild(folder.path);
  };
  build();
  undo(folder.path);
  await using app = await startApp(folder.path);

  expect((await app.get()).status).toBe(503);
  build();

  expect(await (await app.get()).text()).toContain('<title>One</title>');
  expect(app.lines).toEqual([]);
});

test('files that cannot be read give 500 without their path, which the log has, until they can', async () => {
  await using folder = await createFolder();
  writeApp(folder.path, 'One');
  writeFileSync(join(folder.path, 'operations.json'), 'no JSON');
  finishBuild(folder.path);
  await using app = await startApp(folder.path);

  const failed = await app.get();

  expect([failed.status, await failed.text()]).toEqual([
    500,
    expect.stringContaining("The gateway's log has the cause"),
  ]);
  expect(app.lines.map(({ msg }) => msg)).toEqual(['The files of the web app could not be read']);
  writeApp(folder.path, 'One');
  expect((await app.get()).status).toBe(200);
});

test.each([
  [
    true,
    'http://127.0.0.1:4999/api',
    "img-src 'self' https://*.api.video http://127.0.0.1:4999; ",
    'frame-src https://embed.api.video http://127.0.0.1:4999; ',
  ],
  [
    false,
    'http://127.0.0.1:4999/api',
    "img-src 'self' https://*.api.video; ",
    'frame-src https://embed.api.video; ',
  ],
  [
    false,
    'https://upstream.example.com',
    "img-src 'self' https://*.api.video; ",
    'frame-src https://embed.api.video; ',
  ],
])(
  'pictures and players may come from upstream if it is the embedded sandbox: %s, %s',
  async (sandbox, upstream, images, frames) => {
    await using folder = await createFolder();
    writeApp(folder.path, 'One');
    await using app = await startApp(folder.path, upstream, sandbox);

    const policy = (await app.get()).headers.get('content-security-policy');

    expect(policy).toContain(images);
    expect(policy).toContain(frames);
  },
);
