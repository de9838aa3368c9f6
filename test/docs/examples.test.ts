// The examples of the documents, run as they stand against a gateway on demo videos; only the port is another.
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { captureLog } from '../support/capture-log.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';
import { ROOT, readDocuments, readExamples, readText } from './read-documents.ts';

const examples = readExamples();

async function start(options: Parameters<typeof startListeningGateway>[0] = {}) {
  const started = await startListeningGateway({ videos: demoVideos(), ...options });
  const liveIds = () =>
    started.sandbox.videos().flatMap(({ videoId, removedAt }) => (removedAt === null ? [videoId] : []));
  return { ...started, liveIds };
}

/** The example, at this gateway. */
function readExample(name: string, origin: string): string {
  const { code } = examples.get(name) ?? { code: '' };
  if (!code.includes('http://127.0.0.1:4000')) throw new Error(`no document has an example ${name}`);
  return code.replaceAll('http://127.0.0.1:4000', origin);
}

async function runInShell(name: string, origin: string): Promise<unknown> {
  return JSON.parse(await run('bash', ['-c', readExample(name, origin)]));
}

/** The function that an example declares, with this `fetch`. */
async function importFunction(name: string, origin: string, fetch = globalThis.fetch) {
  const code = readExample(name, origin);
  const [, declared = ''] = /function\*? (\w+)/.exec(code) ?? [];
  const module = `export const create = (fetch) => {\n${code}\nreturn ${declared};\n};`;
  const { create } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module)}`);
  return create(fetch);
}

const results = z.array(z.object({ __typename: z.string(), videoId: z.string() }));
const deletionShape = z.object({ data: z.object({ deleteVideos: z.looseObject({ results }) }) });

test('every example is run by a test, here, in test/auth/, test/clients/, test/gateway/, test/package/, test/server/ or test/system/', () => {
  expect([...examples.keys()].toSorted()).toEqual([
    'allow',
    'answer',
    'auth0-settings',
    'auth0-token',
    'cognito-settings',
    'cognito-token',
    'compose-secrets',
    'delete',
    'entra-app-token',
    'entra-settings',
    'entra-token',
    'frontend',
    'get',
    'graphql-request',
    'haproxy',
    'haproxy-settings',
    'health',
    'keycloak-settings',
    'keycloak-token',
    'kubernetes',
    'language-curl',
    'language-go',
    'language-javascript',
    'language-php',
    'language-python',
    'mount',
    'mount-path',
    'near-the-limit',
    'next',
    'nginx',
    'nginx-settings',
    'okta-settings',
    'okta-token',
    'operation-follow',
    'operation-start',
    'passthrough',
    'relay-mutations',
    'relay-totals',
    'removed',
    'restore',
    'retry',
    'upstream-down',
    'video-restore',
    'vite',
    'walk',
    'who-deleted',
    'why-slow',
  ]);
});

test('every block that asks a gateway is an example', () => {
  for (const [document, text] of readDocuments()) {
    for (const [block = '', mark] of text.matchAll(
      /(?:^(<!-- .* -->)\n)?^```(?:sh|js|tsx|go|php|python)\n[\s\S]*?^```/gm,
    )) {
      if (block.includes('127.0.0.1:4000')) expect(mark, `${document}: ${block}`).toBeDefined();
    }
  }
});

test('the README shows the answer that comes back, but for the date', async () => {
  await using started = await start();
  const { origin } = started;
  const { code: query } = examples.get('answer') ?? {};
  const [, after = ''] = readText('README.md').split('<!-- example: answer -->');
  const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(after) ?? [];
  const withoutDates = (json: string) => JSON.parse(json.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a date'));

  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });

  expect(withoutDates(await response.text())).toEqual(withoutDates(shown));
  expect(shown).toContain('VideoRemoved');
});

test('the deletion, the list and the restore do what the README says', async () => {
  await using started = await start();
  const { origin, sandbox, liveIds } = started;
  const liveBefore = liveIds();

  const deletion = deletionShape.parse(await runInShell('delete', origin));
  expect(deletion).toMatchObject({ data: { deleteVideos: { summary: { succeeded: 2, failed: 0 } } } });
  const ids = deletion.data.deleteVideos.results.map(({ videoId }) => videoId);
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);

  const list = await runInShell('removed', origin);
  const { nodes } = Object(list).data.removedVideos;
  expect(nodes).toHaveLength(3);
  for (const id of ids) expect(nodes).toContainEqual(expect.objectContaining({ id }));
  expect(nodes).toContainEqual(expect.objectContaining({ title: 'apivideo-graphql: Video Restore probe' }));

  const restore = await runInShell('restore', origin);
  expect(restore).toMatchObject({ data: { restoreVideos: { summary: { succeeded: 2, failed: 0 } } } });
  expect(liveIds().toSorted()).toEqual(liveBefore.toSorted());
});

test('the function for frontends answers a result for each video, and throws what is wrong as a whole', async () => {
  await using started = await start();
  const { origin, sandbox, liveIds } = started;
  const deleteVideos = await importFunction('frontend', origin);
  const [id = ''] = liveIds();

  expect(await deleteVideos([id, 'viNowhere'])).toMatchObject([
    { __typename: 'VideoRemoved', videoId: id },
    { __typename: 'VideoFailure', videoId: 'viNowhere', code: 'NOT_FOUND' },
  ]);
  expect(sandbox.state(id)).toBe('removed');
  await expect(deleteVideos([])).rejects.toThrow(/\bids?\b/);
});

test('the function that retries sends again what failed for the moment, and nothing else', async () => {
  await using started = await start({ env: { VIDEO_RESTORE: 'on', UPSTREAM_LAG_MS: '500' } });
  const { origin, sandbox, liveIds } = started;
  // api.video fails every write until the first call has its answer.
  sandbox.setFault(({ kind }) =>
    kind === 'write' ? { kind: 'answer', acts: false, status: 500 } : undefined,
  );
  const bodies: string[] = [];
  const deleteAndRetry = await importFunction('retry', origin, async (url, init) => {
    bodies.push(String(init?.body));
    const response = await fetch(url, init);
    sandbox.setFault(undefined);
    return response;
  });
  const ids = liveIds().slice(0, 2);

  const answered = results.parse(await deleteAndRetry(['not an id', ...ids]));

  expect(answered).toMatchObject([
    { __typename: 'VideoFailure', videoId: 'not an id' },
    ...ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId })),
  ]);
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).not.toContain('not an id');
  await expect(deleteAndRetry([]), 'userErrors').rejects.toThrow(/\bids?\b/);
  await expect(deleteAndRetry([null]), 'a GraphQL error').rejects.toThrow(/\$ids/);
});

test('the deletion with ALLOW destroys where Video Restore is off, and what was seen of it can be asked for', async () => {
  await using started = await start({ videoRestore: false });
  const { origin } = started;

  const deletion = deletionShape.parse(await runInShell('allow', origin));
  expect(deletion.data.deleteVideos.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);

  expect(await runInShell('video-restore', origin)).toMatchObject({
    data: { videoRestore: { status: 'DISABLED', observedAt: expect.any(String) } },
  });
});

test('with AUTH=passthrough, curl reads with a key of api.video', async () => {
  await using started = await start({
    apiKey: 'your-key',
    env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' },
  });
  const { origin } = started;
  expect(await runInShell('passthrough', origin)).toMatchObject({ data: { videos: { totalCount: 200 } } });
});

test('health and readiness answer, and so does a query by GET', async () => {
  await using started = await start();
  const { origin } = started;
  expect(await runInShell('health', origin)).toEqual({
    status: 'ready',
    upstream: { circuit: 'closed', videoRestore: 'UNKNOWN', waiting: 0, inFlight: 0 },
  });
  expect(await runInShell('get', origin)).toEqual({ data: { videos: { totalCount: 200 } } });
});

test('the four questions of an operator have their answers in the log, the metrics and /ready', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'questions-'));
  const videos = demoVideos();
  const { logger, text } = captureLog('info');
  await using started = await start({
    videos,
    logger,
    projectId: 'prOurs',
    latencyMs: 20,
    limits: { writes: 150, reads: 900 },
    env: { READ_CACHE_SECONDS: '0' },
  });
  const { origin, sandbox, post } = started;
  const body = {
    query: 'mutation { deleteVideos(ids: ["vinm4zQUVeTFgpfk9VlubjoJ"]) { summary { failed } } }',
  };
  await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'clean-up-7' },
    body: JSON.stringify(body),
  });
  await writeFile(join(folder.path, 'gateway.log'), text());
  const inLog = async (name: string) =>
    JSON.parse(await run('bash', ['-c', examples.get(name)?.code ?? ''], { cwd: folder.path }));

  expect(await inLog('who-deleted')).toMatchObject({
    caller: 'anonymous',
    address: '127.0.0.1',
    project: 'prOurs',
    act: 'delete',
    outcome: 'removed',
    deletesAt: expect.stringMatching(/^\d{4}-/),
  });
  expect(await inLog('why-slow')).toMatchObject({
    type: 'mutation',
    durationMs: expect.any(Number),
    upstreamCalls: expect.any(Number),
    waitedMs: { upstream: expect.any(Number) },
  });
  const metrics = await run('bash', ['-c', readExample('near-the-limit', origin)]);
  for (const [budgetClass, limit] of [
    ['writes', 150],
    ['reads', 900],
  ] as const) {
    const read = (name: string) =>
      Number(metrics.split(`upstream_budget_${name}{class="${budgetClass}"} `)[1]?.split('\n')[0]);
    expect(read('limit')).toBe(limit);
    expect(read('remaining')).toBeGreaterThan(0);
    expect(read('remaining')).toBeLessThan(limit);
    expect(read('resets_in_seconds')).toBeGreaterThan(0);
    expect(read('resets_in_seconds')).toBeLessThanOrEqual(60);
  }
  expect(await runInShell('upstream-down', origin)).toMatchObject({ upstream: { circuit: 'closed' } });
  sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 503 }));
  for (let count = 0; count < 6; count += 1) await post({ query: '{ videos { totalCount } }' });
  expect(await runInShell('upstream-down', origin)).toMatchObject({ upstream: { circuit: 'open' } });
});

test('graphql-request deletes and lists with the typed documents', async () => {
  await using started = await start();
  const { origin } = started;
  const code = readExample('graphql-request', origin).replace(
    'apivideo-graphql-client',
    './src/clients/index.ts',
  );

  const output = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });

  expect(output).toContain('succeeded: 1');
  expect(output).toContain('Video Restore probe');
});

test('the walk shows every removed video once', async () => {
  await using started = await start();
  const { origin, sandbox } = started;
  const walkRemovedVideos = await importFunction('walk', origin);

  const shown: string[] = [];
  for await (const { id } of walkRemovedVideos()) shown.push(id);

  const removed = sandbox.videos().filter(({ removedAt }) => removedAt !== null);
  expect(shown.toSorted()).toEqual(removed.map(({ videoId }) => videoId).toSorted());
});

test('docs/clients.md shows of each example what stands in its file', () => {
  const shown = [
    ...readText('docs/clients.md').matchAll(/<!-- from: ([\w/.-]+) -->\n```tsx\n([\s\S]*?)```/g),
  ];
  expect(shown).toHaveLength(3);
  for (const [, path = '', block = ''] of shown) {
    const file = readText(`docs/${path}`);
    const lines = block.split('\n').filter((line) => line && !/^( {2}\/\/ …|})$/.test(line));
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) expect(file).toContain(`${line}\n`);
  }
});

test('docs/operations.md starts an operation, once for its key', async () => {
  await using started = await start({ store: { kind: 'memory' } });
  const shape = z.object({
    data: z.object({
      deleteVideos: z.object({
        operation: z.object({ id: z.string(), total: z.literal(2) }),
        userErrors: z.array(z.unknown()).length(0),
      }),
    }),
  });

  const first = shape.parse(await runInShell('operation-start', started.origin));
  const again = shape.parse(await runInShell('operation-start', started.origin));

  expect(again.data.deleteVideos.operation.id).toBe(first.data.deleteVideos.operation.id);
});

test('docs/operations.md follows an operation to its end, and undoes it if videos failed', async () => {
  await using started = await start({ store: { kind: 'memory' } });
  const deleteOrUndo = await importFunction('operation-follow', started.origin);
  const [first = '', second = ''] = started.liveIds();

  const whole = await deleteOrUndo([first]);
  const partly = await deleteOrUndo([second, 'not an id']);

  expect(whole).toMatchObject({ failed: 0, undoable: true });
  expect(partly).toMatchObject({
    failed: 1,
    results: { nodes: [{ videoId: 'not an id', code: 'INVALID_ID' }] },
    undo: { summary: { succeeded: 1, failed: 0, pending: 0 } },
  });
  expect(started.liveIds()).not.toContain(first);
  expect(started.liveIds()).toContain(second);
});
