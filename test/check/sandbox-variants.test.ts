// The check against the sandbox in every variant: as assumed where the gateway assumes it, else what differs.
import { describe, expect, test } from 'vitest';
import { MOST_READS } from '../../src/check/request-allowance.ts';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import type { Fault, Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { check } from '../support/check.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startSandbox } from '../support/sandbox.ts';

function start(options: SandboxOptions = {}) {
  const live = createVideos(5).videos;
  const removed = createRemovedVideos(3).videos;
  return startSandbox({ videos: [...live, ...removed], ...options });
}

const writesOf = ({ requests }: Sandbox) => requests.filter(({ kind }) => kind === 'write');

/** The videos that are not the probe video, without the times that no write may change. */
function others(sandbox: Sandbox) {
  return sandbox.videos().filter(({ title }) => title !== PROBE_VIDEO.title);
}

const probeOf = (sandbox: Sandbox) => sandbox.videos().find(({ title }) => title === PROBE_VIDEO.title);

describe.each(['discarded', 'removed'] as const)('dialect %s', (dialect) => {
  test('everything is as assumed without a write, in the number of reads that the help promises', async () => {
    await using sandbox = await start({ dialect });
    const { odd, project, host, text } = await check(sandbox.url);

    expect(odd).toEqual({});
    expect({ project, host }).toEqual({ project: 'prSandbox', host: new URL(sandbox.url).host });
    expect(text('dialect')).toContain(`"${dialect}"`);
    expect(writesOf(sandbox)).toEqual([]);
    expect(sandbox.requests.filter(({ kind }) => kind === 'read').length).toBeLessThanOrEqual(MOST_READS);
    const ids = new Set(sandbox.requests.map(({ headers }) => headers['x-request-id']));
    expect([...ids]).toEqual([expect.stringMatching(/^check-/)]);
  });

  test('with --write, only the probe video is written to, and it ends removed', async () => {
    await using sandbox = await start({ dialect });
    const before = others(sandbox);
    const { odd, text } = await check(sandbox.url, { write: true });

    expect(odd).toEqual({});
    const probe = probeOf(sandbox);
    expect(probe?.removedAt).not.toBeNull();
    expect(text('probe video')).toContain(probe?.videoId);
    const [created, ...later] = writesOf(sandbox);
    expect(created).toMatchObject({ method: 'POST', path: '/videos', body: PROBE_VIDEO });
    expect(later.length).toBeGreaterThan(4);
    expect(later.length).toBeLessThan(10);
    for (const write of later) expect(write.videoId).toBe(probe?.videoId);
    expect(others(sandbox)).toEqual(before);
  });

  test('with Video Restore off, what can only be seen of removed videos is not checked', async () => {
    await using sandbox = await start({ dialect, videoRestore: false });
    const before = others(sandbox);
    const { odd, text } = await check(sandbox.url, { write: true });

    expect(text('Video Restore')).toContain('off');
    expect(text('Video Restore')).toContain('REFUSE');
    expect(text('destroyed video')).toContain('404');
    expect(odd).toEqual({
      'lag, removed read': 'not checked',
      'lag, removed list': 'not checked',
      'removal date': 'not checked',
      retention: 'not checked',
      'second DELETE': 'not checked',
      restore: 'not checked',
      'second restore': 'not checked',
    });
    expect(probeOf(sandbox)).toBeUndefined();
    expect(text('probe video')).toContain('destroyed');
    expect(others(sandbox)).toEqual(before);
  });
});

test('an existing probe video is used again, live or removed', async () => {
  for (const removedAt of [null, new Date(Date.now() - 86_400_000).toISOString()]) {
    const { videos, ids } = createVideos(1, { ...PROBE_VIDEO, removedAt });
    await using sandbox = await start({ videos });
    const { text } = await check(sandbox.url, { write: true });

    expect(new Set(writesOf(sandbox).map(({ videoId }) => videoId))).toEqual(new Set(ids));
    expect(text('probe video')).toContain(ids[0]);
    expect(sandbox.state(ids[0] ?? '')).toBe('removed');
  }
});

test('a project without videos leaves filters and orders unchecked, and --write checks the filters', async () => {
  await using sandbox = await start({ videos: [] });
  const noVideos = { 'sort orders': 'not checked', pages: 'not checked' };

  expect((await check(sandbox.url)).odd).toEqual({
    ...noVideos,
    'single videos': 'not checked',
    'title filter': 'not checked',
    'title filter, case': 'not checked',
    'tags filter': 'not checked',
  });
  expect((await check(sandbox.url, { write: true })).odd).toEqual(noVideos);
});

test.each([
  ['no-content', {}, /gets 204, and the video stays restorable/],
  ['destroys', { 'second DELETE': 'differs' }, /destroys the removed video.*never retries a lost deletion/],
] as const)('a second DELETE: %s', async (secondDelete, expected, text) => {
  await using sandbox = await start({ secondDelete });
  const report = await check(sandbox.url, { write: true });

  expect(report.odd).toEqual(expected);
  expect(report.text('second DELETE')).toMatch(text);
});

test('a restore whose answer still shows the video removed', async () => {
  await using sandbox = await start({ restoreAnswer: 'stale' });
  const { odd, text } = await check(sandbox.url, { write: true });

  expect(odd).toEqual({ restore: 'differs' });
  expect(text('restore')).toContain('still shown as removed');
});

test('reads that lag less than UPSTREAM_LAG_MS are as assumed, and longer ones name the setting', async () => {
  await using sandbox = await start({ lagMs: 1_200 });
  const patient = await check(sandbox.url, { write: true });
  const hasty = await check(sandbox.url, { write: true, env: { UPSTREAM_LAG_MS: '500' } });

  expect(patient.odd).toEqual({});
  expect(hasty.odd).toEqual({
    'lag, live read': 'differs',
    'lag, live list': 'differs',
    'lag, removed read': 'differs',
    'lag, removed list': 'differs',
  });
  expect(hasty.text('lag, live read')).toMatch(/Set UPSTREAM_LAG_MS=1[56]00; now it is 500/);
});

test('settings that declare otherwise', async () => {
  await using sandbox = await start({ videoRestore: true });
  const env = { VIDEO_RESTORE: 'off', APIVIDEO_DIALECT: 'removed' };
  const { odd, text } = await check(sandbox.url, { write: true, env });

  expect(odd).toEqual({ dialect: 'differs', 'Video Restore': 'differs' });
  expect(text('dialect')).toContain('Unset APIVIDEO_DIALECT');
  expect(text('Video Restore')).toContain('Unset VIDEO_RESTORE');
});

test('a wrong key leaves everything else unchecked, after one request', async () => {
  await using sandbox = await start();
  const { odd, rows, text } = await check(sandbox.url, { env: { APIVIDEO_API_KEY: 'wrong-key' } });

  const names = rows.map(({ check: name }) => name);
  // The refusal has a date.
  const unchecked = names.filter((name) => name !== 'clock');
  expect(odd).toEqual(Object.fromEntries(unchecked.map((name) => [name, 'not checked'])));
  expect(text('key')).toMatch(/refused the API key with status 400.*Set APIVIDEO_API_KEY/);
  expect(sandbox.requests).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain('wrong-key');
});

test('tokens that live for a minute', async () => {
  await using sandbox = await start({ tokenLifetimeSeconds: 60 });
  const { odd, text } = await check(sandbox.url);

  expect(odd).toEqual({ 'token lifetime': 'differs' });
  expect(text('token lifetime')).toContain('60 s');
});

test('a token that api.video revokes meanwhile is renewed', async () => {
  await using sandbox = await start();
  const { odd } = await check(sandbox.url, {
    onRow: (name) => {
      if (name === 'pages') sandbox.revokeTokens();
    },
  });
  expect(odd).toEqual({});
});

test('no limit in the headers', async () => {
  await using sandbox = await start({ limits: null });
  const { odd, text } = await check(sandbox.url);

  expect(odd).toEqual({ 'limit headers': 'differs' });
  expect(text('limit headers')).toMatch(/X-RateLimit-Limit is missing.*learns the limit from a 429/);
});

test('a small limit is waited for, and a part of it is left to others', async () => {
  await using sandbox = await start({ limits: { reads: 10, writes: 5 }, windowMs: 1_000 });
  const { odd } = await check(sandbox.url);

  expect(odd).toEqual({});
  expect(sandbox.requests.map(({ status }) => status)).not.toContain(429);
});

test('a limit that others have used up until a far reset stops the check', async () => {
  await using sandbox = await start({ limits: { reads: 100, writes: 40 }, windowMs: 3_600_000 });
  sandbox.spend('reads', 85);
  const { odd, text } = await check(sandbox.url);

  expect(odd).toMatchObject({ 'sort orders': 'not checked', 'unknown id': 'not checked' });
  expect(text('sort orders')).toMatch(/Little of the rate limit for reads is left/);
  const reads = sandbox.requests.filter(({ kind }) => kind === 'read');
  expect(reads.length).toBeLessThanOrEqual(6);
});

test('a server error is no difference', async () => {
  await using sandbox = await start();
  sandbox.setFault(({ query }) =>
    query.has('title') ? { kind: 'answer', acts: false, status: 503 } : undefined,
  );
  const { odd, text } = await check(sandbox.url);

  expect(odd).toMatchObject({ 'title filter': 'not checked', 'title filter, case': 'not checked' });
  expect(text('title filter')).toContain('api.video answered 503');
});

test('answers that are lost now and then are asked for again', async () => {
  await using sandbox = await start();
  let reads = 0;
  sandbox.setFault(({ kind }): Fault | undefined => {
    if (kind === 'read') reads += 1;
    return kind === 'read' && reads % 5 === 0 ? { kind: 'reset', acts: false } : undefined;
  });
  const { odd } = await check(sandbox.url);

  expect(odd).toEqual({});
  expect(reads).toBeGreaterThan(30);
});
