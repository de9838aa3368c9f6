// Row 29 for many calls at once, such as a frontend makes that deletes one video a call: the first deletion of each is a
// risk, and together they take no more of it than one call does.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
/** A deployment's word, which may be out of date: no call begins on a proof. */
const env = { VIDEO_RESTORE: 'on' };

describe.each(DIALECTS)('many calls at once, in the %s dialect', (dialect) => {
  test.each([
    [1, {}],
    [3, {}],
    [1, { waitSeconds: 0 }],
  ])(
    'of %i videos each, after Video Restore was switched off: cost one video in all (options %o)',
    // That many calls are a load of their own, and one of them has no time to wait.
    { concurrent: false, timeout: SLOW },
    async (size, options) => {
      const { videos, ids } = createVideos(40 * size);
      await using started = await startTestGateway({
        dialect,
        videos,
        videoRestore: false,
        latencyMs: 20,
        env,
      });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const calls = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          execute(DeleteVideosDocument, { ids: ids.slice(index * size, (index + 1) * size), options }),
        ),
      );

      const results = calls.flatMap(({ deleteVideos }) => deleteVideos?.results ?? []);
      const told = assertTrue(sandbox, before, { results });
      // Without time to wait, some are not attempted before it is known.
      const isUntouched = (each: string) => each === 'PERMANENT_DELETION_REFUSED' || each === 'NOT_ATTEMPTED';
      const touched = told.filter((each) => !isUntouched(each));
      // On a busy machine, not even the first one may be sent in time.
      if (touched.length > 0 || !('waitSeconds' in options)) expect(touched).toEqual(['DESTROYED']);
    },
  );

  test.each<[string, Fault | undefined, object]>([
    ['answers are lost', { kind: 'reset', acts: true }, {}],
    [
      'the first answer comes never',
      { kind: 'hang', acts: true },
      { env: { ...env, UPSTREAM_TIMEOUT_MS: '5000' } },
    ],
    ['reads lag', undefined, { lagMs: 1_900 }],
    ['upstream is slow', undefined, { latencyMs: 700 }],
  ])(
    'of one video each, where %s: cost one video in all',
    { timeout: SLOW },
    async (_name, fault, options) => {
      const { videos, ids } = createVideos(20);
      await using started = await startTestGateway({
        dialect,
        videos,
        videoRestore: false,
        env,
        ...options,
      });
      const { sandbox, execute } = started;
      if (fault) sandbox.setFault(always(fault.kind === 'hang' ? ids.slice(0, 1) : ids, 'DELETE', fault));
      const before = rememberStates(sandbox, ids);

      const calls = await Promise.all(ids.map((id) => execute(DeleteVideosDocument, { ids: [id] })));
      const later = await execute(DeleteVideosDocument, { ids });

      const results = calls.flatMap(({ deleteVideos }) => deleteVideos?.results ?? []);
      const told = assertTrue(sandbox, before, { results });
      expect(told.filter((each) => each !== 'PERMANENT_DELETION_REFUSED')).toEqual(['DESTROYED']);
      expect(later.deleteVideos?.summary.succeeded).toBe(0);
      expect(ids.filter((id) => sandbox.state(id) === 'absent')).toHaveLength(1);
    },
  );

  test('where reads fail and nobody knows what became of the first: cost one video in all', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({ dialect, videos, videoRestore: false, env });
    const { sandbox, execute } = started;
    sandbox.setFault((request) => {
      const isAfter = sandbox.state(request.videoId ?? '') === 'absent' && isOf(request, ids, 'GET');
      return isAfter ? { kind: 'answer', acts: false, status: 500 } : undefined;
    });
    const before = rememberStates(sandbox, ids);

    const calls = await Promise.all(ids.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

    const results = calls.flatMap(({ deleteVideos }) => deleteVideos?.results ?? []);
    const told = assertTrue(sandbox, before, { results }, { mayBeUnknown: ids });
    expect(told.filter((each) => each !== 'PERMANENT_DELETION_REFUSED')).toEqual(['OUTCOME_UNKNOWN']);
  });

  test('of videos that are not there, after a proof: do not wait for each other', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ dialect, videos, latencyMs: 50 });
    const { sandbox, execute } = started;
    await execute(DeleteVideosDocument, { ids });
    await setTimeout(2_100);
    sandbox.clearRequests();
    const missing = Array.from({ length: 40 }, (_, index) => `viNone${index}`);

    const begun = performance.now();
    const calls = await Promise.all(missing.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

    // Each takes the lag. One after the other, they would take more than a minute.
    expect(performance.now() - begun).toBeLessThan(20_000);
    for (const { deleteVideos } of calls)
      expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(sandbox.requests.length).toBeLessThanOrEqual(5 * missing.length);
  });

  test('are told at once when to ask again where the budget is spent, though one before has time to wait', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(2);
    const removed = createRemovedVideos(1);
    await using started = await startTestGateway({
      dialect,
      videos: [...videos, ...removed.videos],
      limits: { reads: 100, writes: 1 },
      env,
    });
    const { sandbox, execute, post } = started;
    await execute(RestoreVideosDocument, { ids: removed.ids });
    const [patient = '', hurried = ''] = ids;
    const gone = new AbortController();
    const query = `mutation { deleteVideos(ids: ["${patient}"], options: { waitSeconds: 60 }) { results { videoId } } }`;
    const waiting = post({ query }, { signal: gone.signal }).catch(() => {});
    const options = { waitSeconds: 5 };

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [hurried], options });
    gone.abort();
    await waiting;

    const [result] = deleteVideos?.results ?? [];
    expect(result).toMatchObject({ videoId: hurried, code: 'NOT_ATTEMPTED' });
    expect(result).toHaveProperty('retryAfterSeconds', expect.any(Number));
    expect(sandbox.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  });

  test('wait for the first one alone, and then go side by side', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({ dialect, videos, latencyMs: 50, env });
    const { sandbox, execute } = started;

    const calls = await Promise.all(ids.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

    for (const { deleteVideos } of calls) expect(deleteVideos?.summary.succeeded).toBe(1);
    const deletions = sandbox.requests.filter(({ method }) => method === 'DELETE');
    expect(deletions).toHaveLength(ids.length);
    const [first, second, third] = deletions;
    const proofOf = (deletion: typeof first) =>
      sandbox.requests.find(
        ({ index, method, videoId }) =>
          deletion && method === 'GET' && videoId === deletion.videoId && index > deletion.index,
      );
    expect(second?.index).toBeGreaterThan(proofOf(first)?.index ?? Number.POSITIVE_INFINITY);
    expect(third?.index).toBeLessThan(proofOf(second)?.index ?? Number.NEGATIVE_INFINITY);
  });
});
