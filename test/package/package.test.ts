// The package from outside: packed, installed in an empty folder, run by its name and mounted in another server.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyRepository } from '../support/copy-repository.ts';
import { createVideos } from '../support/create-videos.ts';
import { startIn, typeCheckIn } from '../support/installed-package.ts';
import { run } from '../support/run-command.ts';
import { startSandbox } from '../support/sandbox.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
let tarball = '';

beforeAll(async () => {
  const repository = join(folder, 'repository');
  copyRepository(repository);
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: repository });
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

test('runs by npx under its own name, on the embedded sandbox', async () => {
  await using program = startIn(folder, 'npx', ['--no-install', 'apivideo-graphql', '--sandbox'], {
    PORT: '0',
  });
  const url = await program.url;

  const answer = await ask(url, '{ videos(first: 1) { totalCount nodes { id } } }');

  expect(answer).toMatchObject({
    data: { videos: { totalCount: 200, nodes: [{ id: expect.any(String) }] } },
  });
});

test('brings the web app, built and compressed, and serves it', async () => {
  const built = join(folder, 'node_modules/apivideo-graphql/dist/web');
  const assets = readdirSync(join(built, 'assets'));
  expect(readdirSync(built).toSorted()).toEqual(['assets', 'files.json', 'index.html', 'operations.json']);
  for (const end of ['.js', '.js.br', '.js.gz', '.css', '.css.br', '.css.gz'])
    expect(
      assets.some((name) => name.endsWith(end)),
      end,
    ).toBe(true);
  expect(assets.filter((name) => /\.(?:tsx?|map|graphql)$/.test(name))).toEqual([]);
  await using program = startIn(folder, 'npx', ['--no-install', 'apivideo-graphql', '--sandbox'], {
    PORT: '0',
  });
  const url = new URL('/', await program.url);

  const page = await fetch(url, { headers: { accept: 'text/html' } });
  const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(await page.text()) ?? [];

  expect(page.status).toBe(200);
  const answer = await fetch(new URL(script, url));
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/javascript; charset=utf-8',
  ]);
});

test('runs by npx the check of api.video', async () => {
  await using sandbox = await startSandbox(createVideos(4));
  const env = { ...process.env, APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url };
  const ended = run('npx', ['--no-install', 'apivideo-graphql', 'check', '--write'], { cwd: folder, env });

  expect(await ended).toMatch(/^second DELETE {9}as assumed/m);
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

test('shows in docs/embedding.md what its own documentation shows', () => {
  const [, document = ''] = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8').split(
    '<!-- example: mount -->\n```js\n',
  );
  expect(document.split('```')[0]).toBe(readExample());
});

test('is mounted in another server by the example of its documentation', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos });
  writeFileSync(join(folder, 'server.js'), toServer());

  await using program = startIn(folder, process.execPath, ['server.js'], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });
  const url = await program.url;
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
     export const gateway: Gateway = await createGateway(config, await createLogger('info', process.stdout));
     export const isKnown: boolean = new Error() instanceof ConfigError;
     // @ts-expect-error -- a port is a number
     export const port: string = config.port;
    `,
  );
  await typeCheckIn(folder, 'consumer.ts');
});

test('passes publint, and its types resolve for whoever imports it', async () => {
  await run(join(BIN, 'publint'), ['run', tarball, '--strict'], { cwd: folder });
  await run(
    join(BIN, 'attw'),
    [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema.graphql'],
    { cwd: folder },
  );
}, 60_000);

test('ships the schema, and nothing for frontends, which have a package of their own', async () => {
  const code = `import { readFileSync } from 'node:fs';
    const read = (name) => import('apivideo-graphql/' + name).then(() => 'found', ({ code }) => code);
    const schema = readFileSync(new URL(import.meta.resolve('apivideo-graphql/schema.graphql')), 'utf8');
    console.log(JSON.stringify({ schema, subpaths: await Promise.all(['documents', 'apollo', 'urql'].map(read)) }));`;

  const { schema, subpaths } = JSON.parse(
    await run(process.execPath, ['--input-type=module', '-e', code], { cwd: folder }),
  );

  expect(schema).toBe(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));
  expect(subpaths).toEqual(Array(3).fill('ERR_PACKAGE_PATH_NOT_EXPORTED'));
  expect(existsSync(join(folder, 'node_modules/apivideo-graphql/dist/clients'))).toBe(false);
  const others = ['apivideo-graphql-client', '@apollo', '@urql'].map((name) =>
    join(folder, 'node_modules', name),
  );
  expect(others.filter((path) => existsSync(path))).toEqual([]);
});
