// The gateway in a server that has another path for it than /graphql.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { createGateway } from '../../src/gateway.ts';
import { readDocuments } from '../docs/read-documents.ts';
import { captureLog } from '../support/capture-log.ts';
import { startIn } from '../support/installed-package.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const QUERY = { method: 'POST', body: JSON.stringify({ query: '{ videos(first: 1) { totalCount } }' }) };
const JSON_TYPE = { 'content-type': 'application/json' };
const ANSWER = { data: { videos: { totalCount: 0 } } };

async function start(path: string) {
  const sandbox = await startSandbox();
  const config = readConfig({ APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url });
  const gateway = await createGateway(config, pino({ level: 'silent' }), { path });
  const ask = (at: string, init: RequestInit = { ...QUERY, headers: JSON_TYPE }) =>
    gateway.fetch(`http://127.0.0.1${at}`, init);
  return {
    sandbox,
    gateway,
    ask,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await sandbox.close();
    },
  };
}

test.each(['/api/videos', '/api/videos/', '/', '/v1.0/graphql', '/graphql'])(
  'with the path %s, GraphQL and GraphiQL are there and nowhere else',
  async (path) => {
    await using started = await start(path);
    const { ask } = started;

    expect(await (await ask(path)).json()).toEqual(ANSWER);
    const page = await ask(path, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('GraphiQL');
    for (const other of [
      '/graphql',
      '/api',
      '/api/videos',
      '/api/videos/',
      '/api/videos/x',
      '/x/api/videos',
      '/',
    ])
      if (other !== path) expect((await ask(other)).status, other).toBe(404);
    expect(await (await ask('/nowhere')).json()).toMatchObject({
      errors: [{ message: expect.stringContaining(`The paths are ${path}, /health, /ready`) }],
    });
    for (const same of ['/health', '/metrics']) expect((await ask(same, {})).status, same).toBe(200);
  },
);

test('with another path than /graphql, the web app is left out: what is at / belongs to the other server', async () => {
  await using started = await start('/api/videos');

  for (const path of ['/', '/removed', '/assets/index.js']) {
    const answer = await started.ask(path, { headers: { accept: 'text/html' } });
    expect([answer.status, await answer.text()], path).toEqual([404, expect.not.stringContaining('web app')]);
  }
});

test.each([
  '',
  'videos',
  '/health',
  '/ready',
  '/metrics',
  '/a/../b',
  '//x',
  '/a b',
  '/a?b',
  '/:id',
  '/a%62',
  '/*',
])('a gateway with the path %j is not created, and the error says why', async (path) => {
  await expect(start(path)).rejects.toThrow(/^The path for GraphQL: expected one such as \/api\/videos/);
});

describe('a framework that takes the prefix out of the address', () => {
  test('and keeps the original, as Express does, needs the whole path', async () => {
    await using started = await start('/api/videos');
    const server = createServer((request, response) => {
      Object.assign(request, { originalUrl: request.url });
      request.url = request.url?.replace('/api/videos', '') || '/';
      started.gateway.handle(request, response);
    });
    await using listening = await listen(server);
    const at = (path: string) =>
      fetch(`http://127.0.0.1:${listening.port}${path}`, { ...QUERY, headers: JSON_TYPE });

    expect(await (await at('/api/videos')).json()).toEqual(ANSWER);
    expect((await at('/api/videos/x')).status).toBe(404);
  });
});

describe('a server that reads bodies itself', () => {
  const answer = {
    errors: [
      {
        message: 'The body was already read: mount the gateway before any parser of bodies.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ],
  };

  /** Posts through a server that reads the body, and leaves this of it in `request.body`, as parsers do. */
  async function post(toBody: (text: string) => unknown) {
    await using started = await startTestGateway();
    const server = createServer(async (request, response) => {
      Object.assign(request, { body: toBody(await text(request)) });
      started.gateway.handle(request, response);
    });
    await using listening = await listen(server);
    const url = `http://127.0.0.1:${listening.port}/graphql`;
    const response = await fetch(url, { ...QUERY, headers: JSON_TYPE });
    return { status: response.status, json: await response.json() };
  }

  test.each<[string, (text: string) => unknown]>([
    ['an object', (body) => JSON.parse(body)],
    ['nothing', () => undefined],
  ])('and leaves %s gets an error that says so', async (_name, toBody) => {
    expect(await post(toBody)).toEqual({ status: 500, json: answer });
  });

  test.each<[string, (text: string) => unknown]>([
    ['bytes', (body) => Buffer.from(body)],
    ['a text', (body) => body],
  ])('and leaves %s is served', async (_name, toBody) => {
    expect(await post(toBody)).toEqual({ status: 200, json: ANSWER });
  });

  test('and passes a used Request to fetch gets the same error, and one line in its log', async () => {
    const { logger, lines } = captureLog('warn');
    await using started = await startTestGateway({ logger });
    for (let count = 0; count < 2; count += 1) {
      const request = new Request('http://127.0.0.1/graphql', { ...QUERY, headers: JSON_TYPE });
      await request.json();

      const response = await started.gateway.fetch(request.url, request);

      expect([response.status, await response.json()]).toEqual([500, answer]);
    }
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([[40, answer.errors[0]?.message]]);
  });

  test('but not this one’s is served by a Request', async () => {
    await using started = await startTestGateway();
    const request = new Request('http://127.0.0.1/graphql', { ...QUERY, headers: JSON_TYPE });

    expect(await (await started.gateway.fetch(request.url, request)).json()).toEqual(ANSWER);
  });
});

test('the example of the documents serves GraphQL at its path', async () => {
  const [, code = ''] =
    /<!-- example: mount-path -->\n```js\n([\s\S]*?)```/.exec(
      readDocuments().get('docs/embedding.md') ?? '',
    ) ?? [];
  const example = code
    .replace("'apivideo-graphql'", "'./src/index.ts'")
    .replace(
      "listen(3000, '127.0.0.1', () => {",
      "listen(0, '127.0.0.1', () => { console.log('http://127.0.0.1:' + server.address().port + '/graphql');",
    );
  await using sandbox = await startSandbox();
  await using program = startIn(ROOT, process.execPath, ['--input-type=module', '-e', example], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });

  const url = new URL('/api/videos', await program.url);
  expect(await (await fetch(url, { ...QUERY, headers: JSON_TYPE })).json()).toEqual(ANSWER);
  expect(await (await fetch(new URL('/graphql', url))).text()).toBe('the application');
});
