// The check while api.video fails: it claims no difference, sends little, and says what became of the probe video.
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { createVideo, type Fault, type SandboxRequest } from '../../src/sandbox/server.ts';
import { check } from '../support/check.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { listen } from '../support/listen.ts';
import { startPlainUpstream } from '../support/plain-upstream.ts';
import { startSandbox } from '../support/sandbox.ts';

async function start(fault: (request: SandboxRequest) => Fault | undefined) {
  const sandbox = await startSandbox({
    videos: [...createVideos(4).videos, ...createRemovedVideos(2).videos],
  });
  sandbox.setFault(fault);
  const writes = () => sandbox.requests.filter(({ kind }) => kind === 'write').map(({ method }) => method);
  const probe = () => sandbox.videos().find(({ title }) => title === PROBE_VIDEO.title);
  return Object.assign(sandbox, { writes, probe });
}

const firstOf = (method: string, fault: Fault) => {
  let isFirst = true;
  return (request: SandboxRequest) => {
    if (request.method !== method || request.kind !== 'write' || !isFirst) return undefined;
    isFirst = false;
    return fault;
  };
};

const statuses = (odd: Record<string, string>) => new Set(Object.values(odd));

test('a deletion whose answer is lost is not sent again as a check, only to clean up', async () => {
  await using sandbox = await start(firstOf('DELETE', { kind: 'reset', acts: true }));
  const { odd, text } = await check(sandbox.url, { write: true });

  expect(statuses(odd)).toEqual(new Set(['not checked']));
  expect(odd).toMatchObject({ deletion: 'not checked', 'second DELETE': 'not checked' });
  expect(odd).not.toHaveProperty('live videos');
  expect(sandbox.writes()).toEqual(['POST', 'DELETE', 'DELETE']);
  expect(text('probe video')).toContain(`Video ${sandbox.probe()?.videoId}, removed or destroyed.`);
});

test('a creation whose answer is lost is not repeated, and the row says what may be left', async () => {
  await using sandbox = await start(firstOf('POST', { kind: 'reset', acts: true }));
  const { odd, text } = await check(sandbox.url, { write: true });

  expect(statuses(odd)).toEqual(new Set(['not checked']));
  expect(sandbox.writes()).toEqual(['POST']);
  expect(text('probe video')).toContain(`Perhaps a video titled "${PROBE_VIDEO.title}"`);
});

test('if every deletion fails, it says that the probe video may still be live', async () => {
  await using sandbox = await start(({ method }) =>
    method === 'DELETE' ? { kind: 'answer', acts: false, status: 503 } : undefined,
  );
  const { text } = await check(sandbox.url, { write: true });

  expect(sandbox.probe()?.removedAt).toBeNull();
  expect(text('deletion')).toContain('api.video answered 503');
  expect(text('probe video')).toContain(`Video ${sandbox.probe()?.videoId} may still be live`);
});

test('a lost restore leaves the probe video removed', async () => {
  await using sandbox = await start(firstOf('PATCH', { kind: 'reset', acts: true }));
  const { odd, text } = await check(sandbox.url, { write: true });

  expect(statuses(odd)).toEqual(new Set(['not checked']));
  expect(text('Video Restore')).toContain('answer was lost');
  expect(sandbox.probe()?.removedAt).not.toBeNull();
  expect(sandbox.writes()).toEqual(['POST', 'DELETE', 'PATCH', 'DELETE']);
});

test('an upstream that never answers is given up after three requests', async () => {
  await using sandbox = await start(() => ({ kind: 'hang', acts: false }));
  const { odd, rows } = await check(sandbox.url, { write: true, env: { UPSTREAM_TIMEOUT_MS: '100' } });

  expect(Object.keys(odd)).toHaveLength(rows.length);
  expect(statuses(odd)).toEqual(new Set(['not checked']));
  expect(sandbox.requests.length).toBeLessThanOrEqual(3);
});

test.each([
  ['HTML', 200, '<html></html>'],
  ['a redirect', 301, ''],
  ['an empty object', 200, '{}'],
  ['a page of nothing', 200, '{"data":null,"pagination":null}'],
])('%s instead of every answer gives a table, and no write', async (_, status, body) => {
  await using sandbox = await start(() => ({
    kind: 'answer',
    acts: false,
    status,
    body,
    headers: { location: 'http://192.0.2.1/' },
  }));
  const { rows, odd } = await check(sandbox.url, { write: true });

  expect(odd).toMatchObject({ key: 'not checked' });
  expect(rows.length).toBeGreaterThan(20);
  expect(sandbox.writes()).toEqual([]);
});

test('the same instead of every answer but the token gives a table, and no write', async () => {
  for (const body of [
    '<html></html>',
    '{}',
    '[]',
    'null',
    '"data"',
    '{"data":[{}],"pagination":{"itemsTotal":-1}}',
  ]) {
    await using sandbox = await start(({ kind }) =>
      kind === 'auth' ? undefined : { kind: 'answer', acts: false, status: 200, body },
    );
    const { odd } = await check(sandbox.url, { write: true });

    expect(odd, body).not.toHaveProperty('key');
    expect(odd, body).toMatchObject({ 'live videos': 'differs', deletion: 'not checked' });
    expect(sandbox.writes(), body).toEqual([]);
  }
});

test('ids that are paths are named as a difference, and no request is made of them', async () => {
  const odd = { ...createVideo({ title: 'A strange video' }), videoId: '../auth/x' };
  await using sandbox = await startSandbox({ videos: [odd, ...createVideos(3).videos] });
  const report = await check(sandbox.url);

  expect(report.text('live videos')).toContain('data[].videoId (not 1 to 64 letters and digits)');
  expect(sandbox.requests.map(({ path }) => path).join()).not.toContain('..');
});

test('a creation that answers with an id that is a path is not followed by a write', async () => {
  await using upstream = await startPlainUpstream({
    alter(answer, { method, path }) {
      if (method === 'POST' && path === '/videos') answer.body = { ...Object(answer.body), videoId: '../x' };
    },
  });
  const { text } = await check(upstream.url, { write: true });

  expect(text('deletion')).toContain('Creating the probe video');
  expect(text('probe video')).toContain('Perhaps a video titled');
  expect(upstream.requests.filter(({ method }) => method === 'DELETE' || method === 'PATCH')).toEqual([]);
});

test('a base URL with a path is kept to', async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(503).end();
  });
  await using listening = await listen(server);
  await check(`http://127.0.0.1:${listening.port}/video/api`);

  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect(path).toMatch(/^\/video\/api\//);
});
