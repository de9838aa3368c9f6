// The package from outside: packed, installed in an empty folder, run by its name and mounted in another server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createSandbox } from '../src/sandbox/server.ts';
import { run } from './support/run.ts';
import { createVideos } from './support/videos.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
let tarball = '';

beforeAll(async () => {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function ask(url: string, query: string, variables = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** Starts a program in the folder, in a process group of its own, and answers the first URL that it prints. */
async function start(command: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/graphql/.exec(written) ?? [];
      if (found) resolve(found);
    });
  }
  void closed.then(() => reject(new Error(`it ended: ${written}`)));
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await closed;
  });
  return url;
}

test('runs by npx under its own name, on the embedded sandbox', async () => {
  const url = await start('npx', ['--no-install', 'apivideo-graphql', '--sandbox'], { PORT: '0' });

  const answer = await ask(url, '{ videos(first: 1) { totalCount nodes { id } } }');

  expect(answer).toMatchObject({
    data: { videos: { totalCount: 200, nodes: [{ id: expect.any(String) }] } },
  });
});

function readExample(): string {
  const source = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(source) ?? [];
  return code.replaceAll(/^ \* ?/gm, '').trimStart();
}

/** The example as it stands; only the port is any, and printed. */
function toServer(): string {
  const example = readExample().replace('listen(3000,', 'listen(0,');
  const tell = `server.on('listening', () => console.log('http://127.0.0.1:' + server.address().port + '/graphql'));`;
  return `${example}\n${tell}\n`;
}

test('shows in the README what its own documentation shows', () => {
  const [, readme = ''] = readFileSync(join(ROOT, 'README.md'), 'utf8').split(
    '<!-- example: mount -->\n```js\n',
  );
  expect(readme.split('```')[0]).toBe(readExample());
});

test('is mounted in another server by the example of its documentation', async () => {
  const { videos, ids } = createVideos(2);
  const sandbox = await createSandbox({ videos });
  onTestFinished(() => sandbox.close());
  writeFileSync(join(folder, 'server.js'), toServer());

  const url = await start(process.execPath, ['server.js'], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });
  const answer = await ask(
    url,
    'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }',
    { ids },
  );

  const results = ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
  expect(answer).toEqual({ data: { deleteVideos: { results } } });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);
  const page = await fetch(new URL('/', url));
  expect(await page.text()).toBe('the application');
});

test('has types that another project compiles against', async () => {
  writeFileSync(
    join(folder, 'consumer.ts'),
    `import { type Config, ConfigError, createGateway, createLogger, type Gateway, readConfig } from 'apivideo-graphql';
     const config: Config = readConfig({ APIVIDEO_API_KEY: 'key' });
     export const gateway: Gateway = createGateway(config, await createLogger('info', process.stdout));
     export const isKnown: boolean = new Error() instanceof ConfigError;
     // @ts-expect-error -- a port is a number
     export const port: string = config.port;
    `,
  );
  const types = join(ROOT, 'node_modules/@types');
  const options = ['--module', 'nodenext', '--target', 'es2024', '--strict', '--noEmit', '--skipLibCheck'];
  await run(
    join(BIN, 'tsc'),
    ['--ignoreConfig', ...options, '--typeRoots', types, '--types', 'node', 'consumer.ts'],
    { cwd: folder },
  );
});

test('passes publint, and its types resolve for whoever imports it', async () => {
  await run(join(BIN, 'publint'), ['run', tarball, '--strict'], { cwd: folder });
  await run(
    join(BIN, 'attw'),
    [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema.graphql'],
    { cwd: folder },
  );
}, 60_000);
