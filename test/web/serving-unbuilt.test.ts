// A gateway whose web app is not built, as after `npm ci --ignore-scripts`, and one whose start loads nothing of the app.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { copyRepository } from '../support/copy-repository.ts';
import { createFolder } from '../support/create-folder.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { run } from '../support/run-command.ts';

const BROWSER = { headers: { accept: 'text/html' } };
const SENTENCE = 'The web app is not built: npm run build:web';

describe('without a build', () => {
  test('the log and the page say what to run, programs and GraphQL are served', async () => {
    await using folder = await createFolder();
    const cwd = join(folder.path, 'repository');
    copyRepository(cwd);
    await using program = startGatewayProcess(
      ['--sandbox'],
      { PORT: '0' },
      { main: join(cwd, 'src/main.ts'), cwd },
    );
    const url = await program.url;

    for (const path of ['/', '/removed']) {
      const page = await fetch(new URL(path, url), BROWSER);
      expect([page.status, await page.text()], path).toEqual([503, `${SENTENCE}\n`]);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect((await fetch(new URL(path, url))).status, path).toBe(200);
    }
    expect((await fetch(new URL('/assets/index.js', url))).status).toBe(404);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ videos(first: 1) { totalCount } }' }),
    });
    expect(await answer.json()).toEqual({ data: { videos: { totalCount: 200 } } });
    expect(program.output.stdout.split(SENTENCE)).toHaveLength(2);
    expect(program.output.stdout).not.toContain('The web app for browsers');
  });

  test('nothing is said where the app is off', async () => {
    await using folder = await createFolder();
    const cwd = join(folder.path, 'repository');
    copyRepository(cwd);
    const env = { PORT: '0', WEB_APP: 'off' };
    await using program = startGatewayProcess(['--sandbox'], env, { main: join(cwd, 'src/main.ts'), cwd });

    expect((await fetch(new URL('/', await program.url), BROWSER)).url).toMatch(/\/graphql$/);
    expect(program.output.stdout).not.toContain('web app');
  });
});

describe('the script of an installation', () => {
  test('does nothing, and does not fail, without what it builds with', async () => {
    await using folder = await createFolder();
    const cwd = join(folder.path, 'repository');
    copyRepository(cwd, { isInstalled: false });

    expect(await run(process.execPath, ['web/prepare.js'], { cwd })).toBe('');
    expect(existsSync(join(cwd, 'dist'))).toBe(false);
  });

  test('builds the app, the same bytes at each build', async () => {
    await using folder = await createFolder();
    const names = ['one', 'two'];
    const hashes = await Promise.all(
      names.map(async (name) => {
        const cwd = join(folder.path, name);
        copyRepository(cwd);
        await run(process.execPath, ['web/prepare.js'], { cwd, env: process.env });
        return run('bash', ['-c', 'find . -type f | sort | xargs sha256sum'], { cwd: join(cwd, 'dist/web') });
      }),
    );

    expect(hashes[0]).toContain('index.html');
    expect(hashes[1]).toBe(hashes[0]);
  });
});

test('the start of the gateway, and a visit, load neither Vite nor React nor Apollo Client', async () => {
  await using folder = await createFolder();
  const list = join(folder.path, 'loaded');
  const hooks = `import { registerHooks } from 'node:module';
    import { appendFileSync } from 'node:fs';
    registerHooks({
      load(url, context, next) {
        appendFileSync(${JSON.stringify(list)}, url + '\\n');
        return next(url, context);
      },
    });`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hooks)}`;
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0', NODE_OPTIONS });
  const page = await fetch(new URL('/', await program.url), BROWSER);
  expect(await page.text()).toContain('id="root"');

  const packages = readFileSync(list, 'utf8').matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g);
  const loaded = new Set([...packages].map(([, name]) => name));
  expect(loaded).toContain('graphql-yoga');
  expect(
    [...loaded].filter((name) => /^(react|@react-aria|@apollo|vite|rolldown|wouter)\b/.test(name ?? '')),
  ).toEqual([]);
});
