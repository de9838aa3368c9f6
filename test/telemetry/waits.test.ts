// The line of an operation shows how long it waited, and for what.
import { describe, expect, test } from 'vitest';
import { Waits } from '../../src/telemetry/waits.ts';
import { captureLog, type LogLine } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const DELETE =
  'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids, options: { waitSeconds: 50 }) { results { __typename } } }';
const RESTORE = 'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename } } }';

async function start(options: TestGatewayOptions) {
  const { logger, lines } = captureLog('info');
  const started = await startTestGateway({ ...options, logger });
  return { ...started, lines };
}

/** The lines of operations, in the order in which these ended. */
const operations = (lines: readonly LogLine[]) => lines.filter(({ durationMs }) => durationMs !== undefined);

/** The milliseconds of each. */
const readWaits = (lines: readonly LogLine[]): Record<string, number>[] =>
  operations(lines).map(({ waitedMs }) => Object(waitedMs ?? {}));

const readDuration = (lines: readonly LogLine[]) => Math.ceil(Number(operations(lines)[0]?.durationMs));

test('a request that asks api.video nothing has waited for nothing', async () => {
  await using started = await start({});
  const { post, lines } = started;

  await post({ query: '{ __typename }' });

  expect(readWaits(lines)).toEqual([{}]);
});

test('a slow answer of api.video is a wait for it, however many are read side by side', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await start({ videos, latencyMs: 200 });
  const { post, lines } = started;

  await post({ query: `{ nodes(ids: ${JSON.stringify(ids)}) { id } }` });

  const [waited = {}] = readWaits(lines);
  expect(Object.keys(waited)).toContain('upstream');
  expect(waited.upstream).toBeGreaterThanOrEqual(190);
  expect(waited.upstream).toBeLessThanOrEqual(readDuration(lines));
});

test('a minute that is used up is a wait for the rate limit', async () => {
  const { videos, ids } = createVideos(8);
  const limits = { writes: 4, reads: 1000 };
  await using started = await start({
    videos,
    limits,
    windowMs: 2_000,
    env: { VIDEO_RESTORE: 'on' },
  });
  const { post, lines } = started;

  await post({ query: DELETE, variables: { ids } });

  const [{ rateLimit = 0 } = {}] = readWaits(lines);
  expect(rateLimit).toBeGreaterThan(500);
  expect(rateLimit).toBeLessThanOrEqual(readDuration(lines));
});

test('deletions that are read back late are a wait for proof', async () => {
  const { videos, ids } = createVideos(6);
  await using started = await start({
    videos,
    lagMs: 300,
    upstreamLagMs: 1_000,
    limits: { writes: 1000, reads: 1000 },
    env: { VIDEO_RESTORE: 'on' },
  });
  const { post, lines } = started;

  await post({ query: DELETE, variables: { ids } });

  const [{ proof = 0, rateLimit = 0 } = {}] = readWaits(lines);
  expect(proof).toBeGreaterThan(200);
  expect(rateLimit).toBeLessThan(proof);
});

test('a call behind another one on the same video has waited for its lock', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await start({ videos, latencyMs: 150, env: { VIDEO_RESTORE: 'on' } });
  const { post, lines, sandbox } = started;
  const first = post({ query: DELETE, variables: { ids } });
  await eventually(() => expect(sandbox.requests.map(({ method }) => method)).toContain('DELETE'));

  // It looks at nothing first.
  const second = post({ query: RESTORE, variables: { ids } });
  await Promise.all([first, second]);

  const waits = readWaits(lines);
  expect(waits[0]).not.toHaveProperty('lock');
  expect(waits[1]?.lock).toBeGreaterThan(100);
});

test('a new token that waits for the reads of its project has waited for the rate limit', async () => {
  const { videos } = createVideos(1);
  await using started = await start({
    videos,
    apiKey: 'key',
    limits: { reads: 2, writes: 10 },
    windowMs: 2_000,
    env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '', READ_CACHE_SECONDS: '0' },
  });
  const { post, lines, sandbox } = started;
  const ask = (authorization: string) =>
    post(
      { query: '{ videos { totalCount } }' },
      { headers: { 'content-type': 'application/json', accept: 'application/json', authorization } },
    );
  await ask(`Basic ${Buffer.from('key:').toString('base64')}`);
  const token = String(sandbox.requests.find(({ path }) => path === '/videos')?.headers.authorization);
  await ask(`Basic ${Buffer.from('key:').toString('base64')}`);
  await ask(token);

  const waited = readWaits(lines).map(({ rateLimit = 0 }) => rateLimit);
  expect(Math.max(...waited)).toBeGreaterThan(200);
});

test('a first request whose answer must bring the limits is a wait for api.video, not for the rate limit', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await start({ videos, latencyMs: 300 });
  const { post, lines } = started;

  await post({ query: `{ nodes(ids: ${JSON.stringify(ids)}) { id } }` });

  expect(readWaits(lines)[0]).not.toHaveProperty('rateLimit');
});

test('a call that waits for a probe has waited for proof', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await start({ videos, latencyMs: 100, upstreamLagMs: 300 });
  const { post, lines } = started;

  await post({ query: DELETE, variables: { ids } });

  expect(readWaits(lines)[0]?.proof).toBeGreaterThan(300);
});

describe('waits side by side', () => {
  test('count once, and from the first to the last', () => {
    let now = 0;
    const clock = () => now;
    const waits = new Waits();

    const endFirst = waits.begin('lock', clock);
    now = 10;
    const endSecond = waits.begin('lock', clock);
    now = 30;
    endFirst();
    endFirst();
    now = 50;
    expect(waits.read()).toEqual({ lock: 50 });
    endSecond();
    now = 100;
    expect(waits.read()).toEqual({ lock: 50 });
    waits.begin('lock', clock);
    now = 101;
    expect(waits.read()).toEqual({ lock: 51 });
  });

  test('on clocks of their own count as the longest', () => {
    let now = 0;
    const waits = new Waits();
    const ends = [waits.begin('rateLimit', () => now), waits.begin('rateLimit', () => now / 2)];
    now = 40;
    for (const end of ends) end();

    expect(waits.read()).toEqual({ rateLimit: 40 });
  });
});
