// What clients are told when upstream fails: that it did, and nothing of where it is, what it said or who asks it.
import { describe, expect, test } from 'vitest';
import type { Fault, SandboxRequest } from '../../src/sandbox/server.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SECRET = 'upstream-only';
const HTML = `<!doctype html><html><body><h1>${SECRET}</h1><pre>at Object.handler (/srv/${SECRET}.js:1:1)</pre></body></html>`;
const UNAVAILABLE = {
  message: 'api.video could not be reached, or did not answer as expected. Retry later.',
  extensions: { code: 'UPSTREAM_UNAVAILABLE' },
};

function answer(status: number, body: string, headers: Record<string, string> = {}): Fault {
  return { kind: 'answer', acts: false, status, body, headers: { 'x-upstream': SECRET, ...headers } };
}

const onReads = (fault: Fault) => (request: SandboxRequest) => (request.kind === 'auth' ? undefined : fault);

describe('a query is answered UPSTREAM_UNAVAILABLE, and nothing more, where upstream', () => {
  test.each<[string, Fault]>([
    ['answers 500 in HTML', answer(500, HTML, { 'content-type': 'text/html' })],
    ['answers 503 in JSON', answer(503, JSON.stringify({ title: SECRET, detail: HTML }))],
    ['answers 200 in HTML', answer(200, HTML, { 'content-type': 'text/html' })],
    ['answers 200 with another shape', answer(200, JSON.stringify({ data: SECRET }))],
    ['answers 200 with nothing', answer(200, '')],
    ['answers 404 in HTML', answer(404, HTML)],
    ['answers 418', answer(418, JSON.stringify({ title: SECRET }))],
    ['redirects', answer(302, HTML, { location: `https://${SECRET}.example/videos` })],
    ['answers in an encoding that nobody knows', answer(200, SECRET, { 'content-encoding': SECRET })],
    ['answers gzip that is none', answer(200, SECRET, { 'content-encoding': 'gzip' })],
    ['resets the connection', { kind: 'reset', acts: false }],
    ['ends in the middle of its answer', { kind: 'truncate' }],
    ['never answers', { kind: 'hang', acts: false }],
    ['answers with a bomb', { kind: 'gzip-bomb', megabytes: 64 }],
  ])('%s', async (_name, fault) => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos, env: { UPSTREAM_TIMEOUT_MS: '1000' } });
    const { sandbox, gateway } = started;
    sandbox.setFault(onReads(fault));

    const response = await gateway.fetch('http://127.0.0.1/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `{ videos { totalCount } removedVideos { totalCount } video(id: "${ids[0]}") { id } }`,
      }),
    });
    const text = await response.text();

    expect(response.status).toBe(200);
    const { data, errors }: { data: unknown; errors: unknown[] } = JSON.parse(text);
    expect(data).toEqual({ videos: null, removedVideos: null, video: null });
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toMatchObject(UNAVAILABLE);
    const shown = text + JSON.stringify([...response.headers]);
    for (const hidden of [
      SECRET,
      new URL(sandbox.url).host,
      'sandbox-key',
      'Bearer',
      '<',
      'stack',
      '.ts',
      '.js',
    ]) {
      expect(shown).not.toContain(hidden);
    }
  });
});

test('answers UPSTREAM_UNAVAILABLE where nothing listens', async () => {
  await using started = await startTestGateway();
  const { sandbox, post } = started;
  await sandbox.close();

  const { status, data, errors } = await post({ query: '{ videos { totalCount } }' });

  expect(status).toBe(200);
  expect(data).toEqual({ videos: null });
  expect(errors).toMatchObject([{ ...UNAVAILABLE, path: ['videos'] }]);
  expect(JSON.stringify(errors)).not.toContain(new URL(sandbox.url).port);
});

test('leaves the other fields where upstream fails one', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ videos });
  const { sandbox, post } = started;
  sandbox.setFault(({ path }) => (path === '/videos' ? answer(500, HTML) : undefined));

  const { data, errors } = await post({
    query: 'query ($ids: [ID!]!) { videos { totalCount } nodes(ids: $ids) { id } videoRestore { status } }',
    variables: { ids },
  });

  expect(data).toEqual({
    videos: null,
    nodes: ids.map((id) => ({ id })),
    videoRestore: { status: 'UNKNOWN' },
  });
  expect(errors).toMatchObject([{ ...UNAVAILABLE, path: ['videos'] }]);
});

test('hides what it did not expect: a total that GraphQL cannot say', async () => {
  await using started = await startTestGateway();
  const { sandbox, post } = started;
  const pagination = { itemsTotal: 3_000_000_000 };
  sandbox.setFault(({ path }) =>
    path === '/videos' ? answer(200, JSON.stringify({ data: [], pagination })) : undefined,
  );

  const { data, errors } = await post({ query: '{ videos { totalCount } videoRestore { status } }' });

  expect(data).toEqual({ videos: null, videoRestore: { status: 'UNKNOWN' } });
  expect(errors).toMatchObject([
    { message: 'Something went wrong in the gateway.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
  ]);
});

describe('a wrong API key', () => {
  const apiKey = 'wrongKeyThatNobodyMaySee';

  async function startWithWrongKey() {
    const { videos, ids } = createVideos(2);
    const { logger, text } = captureLog('trace');
    const started = await startTestGateway({ videos, logger, env: { APIVIDEO_API_KEY: apiKey } });
    const ask = async (query: string) => {
      const response = await started.gateway.fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables: { ids } }),
      });
      return response.text();
    };
    return { ...started, ask, ids, log: text };
  }

  test('is UPSTREAM_UNAUTHORIZED to a query and a failure of each video to a deletion, and shows nowhere', async () => {
    await using started = await startWithWrongKey();
    const { ask, ids, log, sandbox } = started;

    const query = await ask('query ($ids: [ID!]!) { videos { totalCount } nodes(ids: $ids) { id } }');
    const deletion = await ask(
      'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { ... on VideoFailure { videoId code retryable } } } }',
    );
    const restore = await ask(
      'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { ... on VideoFailure { videoId code retryable } } } }',
    );

    expect(JSON.parse(query)).toMatchObject({
      data: { videos: null, nodes: [null, null] },
      errors: [1, 2, 3].map(() => ({
        message: 'api.video refused the credentials.',
        extensions: { code: 'UPSTREAM_UNAUTHORIZED' },
      })),
    });
    const results = ids.map((videoId) => ({ videoId, code: 'UPSTREAM_UNAUTHORIZED', retryable: false }));
    expect(JSON.parse(deletion)).toEqual({ data: { deleteVideos: { results } } });
    expect(JSON.parse(restore)).toEqual({ data: { restoreVideos: { results } } });
    expect(sandbox.requests.every(({ path }) => path === '/auth/api-key')).toBe(true);

    const basic = Buffer.from(`${apiKey}:`).toString('base64');
    expect(log().length).toBeGreaterThan(0);
    for (const text of [query, deletion, restore, log()]) {
      expect(text).not.toContain(apiKey);
      expect(text).not.toContain(basic);
    }
  });

  test('is asked about once, however many requests need it', async () => {
    await using started = await startWithWrongKey();
    const { ask, sandbox } = started;

    await Promise.all(Array.from({ length: 20 }, () => ask('{ videos { totalCount } }')));

    expect(sandbox.requests).toHaveLength(1);
  });
});

test('writes no token into the log, whatever upstream does', async () => {
  const { logger, text } = captureLog('trace');
  await using started = await startTestGateway({ logger });
  const { sandbox, gateway } = started;
  sandbox.setFault(onReads(answer(500, HTML)));

  await gateway.fetch('http://127.0.0.1/graphql?query={videos{totalCount}}');

  const sent = sandbox.requests
    .map(({ headers }) => headers.authorization)
    .filter((value) => value !== undefined);
  expect(sent.length).toBeGreaterThan(0);
  expect(text()).toContain('upstream answered 500 to GET /videos');
  for (const value of [
    ...sent.map((header) => String(header).replace('Bearer ', '')),
    'sandbox-key',
    SECRET,
  ]) {
    expect(text()).not.toContain(value);
  }
});

test('tells the operator which read failed, and nothing of what was asked for', async () => {
  const { logger, text } = captureLog('trace');
  await using started = await startTestGateway({ logger });
  const { sandbox, post } = started;
  sandbox.setFault(onReads(answer(500, HTML)));

  await post({ query: '{ videos(filter: { title: "customer-4711" }) { totalCount } }' });

  expect(text()).toContain('upstream answered 500 to GET /videos"');
  expect(text()).not.toContain('customer-4711');
});
