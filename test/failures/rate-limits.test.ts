import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import {
  DeleteVideosDocument,
  DeleteVideosLeanDocument,
  NodesDocument,
  RestoreVideosDocument,
} from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { countEach, DIALECTS, inTurn, isOf } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SLOW = 90_000;

function limited({ sandbox }: TestGateway): number {
  return sandbox.requests.filter(({ status }) => status === 429).length;
}

describe.each(DIALECTS)('a spent budget, in the %s dialect', { concurrent: true }, (dialect) => {
  test('waits for the next windows until everything is deleted', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(60);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: { reads: 200, writes: 20 },
      windowMs: 2_000,
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 60 } });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(limited(started)).toBeLessThanOrEqual(5);
    expect(
      sandbox.requests.filter(({ method, status }) => method === 'DELETE' && status === 204),
    ).toHaveLength(ids.length + 1);
  });

  test('answers in time what the budget cannot serve, and says when to ask again', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(30);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: { reads: 500, writes: 12 },
      windowMs: 60_000,
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 6 } });

    const told = assertTrue(sandbox, before, deleteVideos);
    expect(new Set(told)).toEqual(new Set(['VideoRemoved', 'NOT_ATTEMPTED']));
    for (const result of deleteVideos?.results ?? []) {
      if (result.__typename !== 'VideoFailure') continue;
      expect(result.retryable).toBe(true);
      expect(result.retryAfterSeconds).toBeGreaterThan(0);
      expect(result.retryAfterSeconds).toBeLessThanOrEqual(61);
    }
  });

  test('follows what other clients of the project use', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(40);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: { reads: 300, writes: 30 },
      windowMs: 3_000,
      latencyMs: 5,
    });
    const { sandbox, execute } = started;
    let seen = 0;
    sandbox.setFault((request) => {
      if (isOf(request, ids, 'DELETE')) {
        seen += 1;
        if (seen % 5 === 0) sandbox.spend('writes', 5);
      }
      return undefined;
    });
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 60 } });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(limited(started)).toBeLessThanOrEqual(15);
  });

  test('sends no deletion that could not be seen, while the reads are spent', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: { reads: 20, writes: 100 },
      windowMs: 60_000,
    });
    const { sandbox, execute } = started;
    const [first = '', ...rest] = ids;
    await execute(DeleteVideosLeanDocument, { ids: [first] });
    sandbox.spend('reads', 20);
    // What brings the news that the reads are spent.
    await execute(NodesDocument, { ids: [first] }).catch(() => undefined);
    const before = rememberStates(sandbox, rest);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: rest, options: { waitSeconds: 1 } });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(rest.map(() => 'NOT_ATTEMPTED'));
    expect(countEach(sandbox, rest, 'DELETE')).toEqual(rest.map(() => 0));
  });

  test('still reads while the writes are spent', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: { reads: 100, writes: 10 },
      windowMs: 60_000,
    });
    const { sandbox, execute } = started;
    sandbox.spend('writes', 10);
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 1 } });
    const { nodes } = await execute(NodesDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'NOT_ATTEMPTED'));
    expect(nodes?.map((node) => node?.id)).toEqual(ids);
  });

  test('verifies what it deleted where other queries use up the reads', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(20);
    const { videos: others, ids: otherIds } = createVideos(60);
    await using started = await startTestGateway({
      dialect,
      videos: [...videos, ...others],
      limits: { reads: 60, writes: 60 },
      windowMs: 3_000,
      latencyMs: 5,
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);

    const [{ deleteVideos }] = await Promise.all([
      execute(DeleteVideosDocument, { ids, options: { waitSeconds: 40 } }),
      ...Array.from({ length: 3 }, () => execute(NodesDocument, { ids: otherIds }).catch(() => undefined)),
    ]);

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
  });
});

describe('a 429 whose header says', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['one second', { 'X-RateLimit-Retry-After': '1' }, true],
    ['nothing, being absent', {}, true],
    ['0', { 'X-RateLimit-Retry-After': '0' }, true],
    ['-5', { 'X-RateLimit-Retry-After': '-5' }, true],
    ['99999999', { 'X-RateLimit-Retry-After': '99999999' }, false],
    ['a date', { 'X-RateLimit-Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }, true],
    ['soon', { 'X-RateLimit-Retry-After': 'soon' }, true],
    ['1e9', { 'X-RateLimit-Retry-After': '1e9' }, true],
  ])('%s: waits within bounds, and passes no 429 on', { timeout: SLOW }, async (_name, header, isServed) => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    const full = Object.keys(header).length > 0;
    const fault: Fault = {
      kind: 'answer',
      acts: false,
      status: 429,
      headers: full ? { 'X-RateLimit-Limit': '200', 'X-RateLimit-Remaining': '0', ...header } : {},
      body: JSON.stringify({ type: 'https://docs.api.video/reference/too-many-requests', status: 429 }),
    };
    sandbox.setFault(inTurn(ids, 'DELETE', [fault, fault]));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 20 } });

    const told = assertTrue(sandbox, before, deleteVideos);
    // No attempt is spent: two 429s, and a third request that is served.
    if (isServed) {
      expect(told).toEqual(ids.map(() => 'VideoRemoved'));
      expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 3));
    } else {
      expect(told).toEqual(ids.map(() => 'NOT_ATTEMPTED'));
      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ retryable: true })));
      const [result] = deleteVideos?.results ?? [];
      const seconds = result?.__typename === 'VideoFailure' ? result.retryAfterSeconds : undefined;
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(63);
    }
    // Two 429s in a row are a wait in between, not a hail of requests.
    const [id = ''] = ids;
    const times = sandbox.requests.filter((request) => isOf(request, [id], 'DELETE')).map(({ at }) => at);
    for (const [index, at] of times.entries()) {
      if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(500);
    }
  });

  test('none at all, on every answer: works without a budget', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(50);
    await using started = await startTestGateway({ videos, limits: null });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
  });
});

test('spends none of the repeats of a lost write on 429s in between', { timeout: SLOW }, async () => {
  const { videos, ids } = createRemovedVideos(2);
  await using started = await startTestGateway({ videos });
  const { sandbox, execute } = started;
  const reset: Fault = { kind: 'reset', acts: false };
  const wait: Fault = { kind: 'answer', acts: false, status: 429 };
  sandbox.setFault(inTurn(ids, 'PATCH', [wait, reset, wait, reset]));
  const before = rememberStates(sandbox, ids);

  const { restoreVideos } = await execute(RestoreVideosDocument, { ids, options: { waitSeconds: 40 } });

  expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
  expect(countEach(sandbox, ids, 'PATCH')).toEqual([5, 5]);
});
