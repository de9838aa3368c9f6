// What an operator reads: one line an operation, and one for each deletion and restore.
import { type Level, pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { always } from '../support/plan-faults.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const DELETE =
  'mutation Clean($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } userErrors { message } } }';
const RESTORE = 'mutation Undo($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename videoId } } }';

async function start(level: Level, options: TestGatewayOptions = {}) {
  const log = captureLog(level);
  const gateway = await startTestGateway({ ...options, logger: log.logger });
  return { ...gateway, ...log };
}

const operations = (lines: readonly LogLine[]) => lines.filter(({ durationMs }) => durationMs !== undefined);
const audits = (lines: readonly LogLine[]) => lines.filter(({ audit }) => audit === true);

describe('the line of an operation', () => {
  test('reports name, type, duration, and the calls that upstream saw for it', async () => {
    await using started = await start('info');
    const { post, lines, sandbox } = started;

    await post({ query: 'query Newest { videos { totalCount } removedVideos { totalCount } }' });

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 30,
      requestId: expect.any(String),
      caller: 'anonymous',
      operation: 'Newest',
      type: 'query',
      status: 'ok',
      durationMs: expect.any(Number),
      upstreamCalls: sandbox.requests.length,
      msg: 'query Newest: ok',
    });
    expect(lines[0]).not.toHaveProperty('outcomes');
    expect(lines[0]).not.toHaveProperty('errors');
  });

  test('counts the outcomes of a batch by what they are', async () => {
    const { videos, ids } = createVideos(3);
    const { videos: removed, ids: removedIds } = createRemovedVideos(2);
    await using started = await start('info', { videos: [...videos, ...removed] });
    const { post, lines } = started;
    const [refused = ''] = ids;

    await post({ query: DELETE, variables: { ids: [...ids, ...removedIds, 'unknown1', '../x'] } });
    await post({ query: RESTORE, variables: { ids: [refused, refused] } });
    await post({ query: RESTORE, variables: { ids: [refused] } });

    expect(operations(lines).map(({ operation, outcomes }) => ({ operation, outcomes }))).toEqual([
      { operation: 'Clean', outcomes: { removed: 3, alreadyRemoved: 2, NOT_FOUND: 1, INVALID_ID: 1 } },
      { operation: 'Undo', outcomes: { restored: 1 } },
      { operation: 'Undo', outcomes: { alreadyLive: 1 } },
    ]);
  });

  test('counts the errors by their codes, beside data and without any', async () => {
    await using started = await start('info');
    const { post, lines, sandbox } = started;
    sandbox.setFault(({ path }) =>
      path === '/videos' ? { kind: 'answer', acts: false, status: 500 } : undefined,
    );

    await post({ query: '{ a: videos { totalCount } b: videos { totalCount } videoRestore { status } }' });
    await post({ query: '{ nothing }' });
    await post({ query: '{ videos' });
    await post({ query: 'query ($id: ID!) { video(id: $id) { id } }' });

    expect(operations(lines).map(({ type, status, errors }) => ({ type, status, errors }))).toEqual([
      { type: 'query', status: 'partial', errors: { UPSTREAM_UNAVAILABLE: 2 } },
      { type: 'invalid', status: 'failed', errors: { GRAPHQL_VALIDATION_FAILED: 1 } },
      { type: 'invalid', status: 'failed', errors: { GRAPHQL_PARSE_FAILED: 1 } },
      { type: 'query', status: 'failed', errors: { BAD_USER_INPUT: 1 } },
    ]);
  });

  test('is not written with LOG_LEVEL=warn, and none is for /health and /ready', async () => {
    await using quiet = await start('warn');
    await quiet.post({ query: '{ videos { totalCount } }' });
    await using loud = await start('trace');
    for (const path of ['/health', '/ready']) await loud.gateway.fetch(`http://127.0.0.1${path}`);

    expect(quiet.lines).toEqual([]);
    expect(loud.lines).toEqual([]);
  });
});

describe('the faults behind the errors of clients', () => {
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  const faults = (lines: readonly LogLine[]) => lines.filter(({ level }) => level === 50);

  test('are logged once if one fault spoils a whole list; the line of the operation counts them', async () => {
    await using started = await start('info');
    const { post, lines, sandbox } = started;
    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 500 }));
    const ids = Array.from({ length: 300 }, (_, index) => `vi${index}`);

    const { errors } = await post({ query, variables: { ids } });
    await post({ query, variables: { ids } });

    expect(errors).toHaveLength(300);
    expect(faults(lines)).toHaveLength(2);
    expect(operations(lines)).toMatchObject(Array(2).fill({ errors: { UPSTREAM_UNAVAILABLE: 300 } }));
  });

  test('are at most ten lines if each is of another video', async () => {
    const { videos, ids } = createVideos(30);
    await using started = await start('info', { videos });
    const { post, lines, sandbox } = started;
    sandbox.setFault(() => ({ kind: 'answer', acts: false, status: 500 }));

    const aliased = ids.map((id, index) => `a${index}: video(id: "${id}") { title }`).join(' ');
    const { errors } = await post({ query: `{ ${aliased} }` });

    expect(errors).toHaveLength(30);
    expect(faults(lines).length).toBeGreaterThan(0);
    expect(faults(lines).length).toBeLessThanOrEqual(10);
  });
});

test('a client that goes away is no fault', async () => {
  const { logger, lines } = captureLog('info');
  await using started = await startListeningGateway({ logger });
  const { origin, sandbox } = started;
  const leaving = new AbortController();
  sandbox.setFault(({ path }) => {
    if (path !== '/auth/api-key') return undefined;
    leaving.abort();
    // Time for the gateway to notice, even on a busy machine.
    return { kind: 'delay', ms: 2_000 };
  });
  // The read that the token was for is not sent any more, and fails.
  const url = `${origin}/graphql?query=${encodeURIComponent('{ videos { totalCount } }')}`;

  await expect(fetch(url, { signal: leaving.signal })).rejects.toThrow('aborted');
  await eventually(() => expect(operations(lines)).toHaveLength(1));

  expect(operations(lines)).toMatchObject([{ status: 'partial', upstreamCalls: expect.any(Number) }]);
  expect(lines.filter(({ level }) => level > 30)).toEqual([]);
});

describe('the audit', () => {
  test('reports who had which video deleted or restored, and the outcome', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await start('info', { videos });
    const { post, lines } = started;
    const [first = '', second = ''] = ids;

    await post({ query: DELETE, variables: { ids } });
    await post({ query: RESTORE, variables: { ids: [second, 'unknown1'] } });

    const told = audits(lines).map(({ act, videoId, outcome }) => [act, videoId, outcome]);
    const probe = told[0]?.[1];
    expect(ids).not.toContain(probe);
    expect(told).toEqual([
      ['create', probe, 'created'],
      ['delete', probe, 'removed'],
      ['delete', probe, 'alreadyRemoved'],
      ['delete', first, 'removed'],
      ['delete', second, 'removed'],
      ['restore', second, 'restored'],
      ['restore', 'unknown1', 'NOT_FOUND'],
    ]);
    const [deletion, restore] = operations(lines).map(({ requestId }) => requestId);
    expect(audits(lines).map(({ requestId }) => requestId)).toEqual([
      ...Array(5).fill(deletion),
      ...Array(2).fill(restore),
    ]);
    expect(audits(lines).map(({ probe: isOfProbe }) => isOfProbe)).toEqual([
      ...Array(3).fill(true),
      ...Array(4).fill(undefined),
    ]);
    for (const line of audits(lines)) expect(line).toMatchObject({ level: 30, caller: 'anonymous' });
  });

  test('reports refusals and unknown outcomes, too', async () => {
    const { videos, ids } = createVideos(2);
    await using off = await start('info', { videos, videoRestore: false });
    await using lost = await start('info', { videos });
    lost.sandbox.setFault(always(ids, 'PATCH', { kind: 'answer', acts: false, status: 500 }));

    await off.post({ query: DELETE, variables: { ids } });
    await lost.post({ query: DELETE, variables: { ids } });
    await lost.post({ query: RESTORE, variables: { ids } });

    const refused = 'PERMANENT_DELETION_REFUSED';
    expect(audits(off.lines).map(({ outcome }) => outcome)).toEqual([
      'created',
      'destroyed',
      refused,
      refused,
    ]);
    expect(audits(lost.lines).map(({ outcome }) => outcome)).toEqual([
      'created',
      'removed',
      'alreadyRemoved',
      'removed',
      'removed',
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ]);
  });

  test.each<Level>(['fatal', 'error', 'warn'])('is written with LOG_LEVEL=%s as well', async (level) => {
    const { videos, ids } = createVideos(1);
    await using started = await start(level, { videos });
    const { post, lines } = started;

    await post({ query: DELETE, variables: { ids } });

    expect(lines).toMatchObject([
      ...Array(3).fill({ audit: true, probe: true }),
      { audit: true, videoId: ids[0], outcome: 'removed' },
    ]);
  });

  test('is silent with LOG_LEVEL=silent alone', async () => {
    const { videos, ids } = createVideos(1);
    const written: string[] = [];
    const logger = pino({ level: 'silent' }, { write: (line: string) => void written.push(line) });
    await using started = await startTestGateway({ videos, logger });
    const { post } = started;

    await post({ query: DELETE, variables: { ids } });

    expect(written).toEqual([]);
  });

  test('has no line for text that cannot be an id', async () => {
    await using started = await start('trace');
    const { post, text, lines } = started;

    await post({ query: DELETE, variables: { ids: ['Bearer secret', 'x'.repeat(10_000)] } });

    expect(audits(lines)).toEqual([]);
    expect(operations(lines)).toMatchObject([{ outcomes: { INVALID_ID: 2 } }]);
    expect(text()).not.toContain('secret');
    expect(text()).not.toContain('xxxxx');
  });
});

test('no line shows variables, the document, headers or credentials', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await start('trace', { videos });
  const { gateway, text, sandbox } = started;
  const query = `query Named($tag: String!) { videos(filter: { tags: [$tag] }) { alias: totalCount } deleted: video(id: "${ids[0]}") { id } }`;

  await gateway.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer callers-own-token',
      cookie: 'session=callers-own-cookie',
    },
    body: JSON.stringify({ query, variables: { tag: 'customer-4711' } }),
  });

  const sent = sandbox.requests.flatMap(({ headers }) => headers.authorization ?? []);
  expect(sent.length).toBeGreaterThan(0);
  expect(text()).toContain('Named');
  for (const hidden of [
    ...sent.map((value) => value.replace('Bearer ', '')),
    'sandbox-key',
    'callers-own',
    'customer-4711',
    'alias',
    ids[0],
  ]) {
    expect(text()).not.toContain(hidden);
  }
});
