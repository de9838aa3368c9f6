import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS, firstOf, inTurn } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

/** Long enough that what is not held back is answered within it, on a machine however busy. */
const env = { UPSTREAM_TIMEOUT_MS: '1500' };
/** The sandbox shows every write at once, so that waiting longer shows nothing else. */
const upstreamLagMs = 1_000;
const SLOW = 60_000;

const RESET_AFTER: Fault = { kind: 'reset', acts: true };
const RESET_BEFORE: Fault = { kind: 'reset', acts: false };

describe.each(DIALECTS)('an answer lost on its way, in the %s dialect', { concurrent: true }, (dialect) => {
  test.each<[string, Fault]>([
    ['a reset', RESET_AFTER],
    ['silence until the time-out', { kind: 'hang', acts: true }],
    ['a 502', { kind: 'answer', acts: true, status: 502, body: 'Bad gateway' }],
    ['a 500 without a body', { kind: 'answer', acts: true, status: 500 }],
    [
      'a page of a proxy',
      {
        kind: 'answer',
        acts: true,
        status: 200,
        headers: { 'Content-Type': 'text/html' },
        body: '<html></html>',
      },
    ],
  ])('counts a deletion that took effect once, after %s', { timeout: SLOW }, async (_name, fault) => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(inTurn(ids, 'DELETE', [fault]));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
    expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
  });

  test.each<[string, Fault]>([
    ['a reset', RESET_AFTER],
    ['silence until the time-out', { kind: 'hang', acts: true }],
    ['a 503', { kind: 'answer', acts: true, status: 503, body: 'Unavailable' }],
    ['half its body', { kind: 'truncate' }],
    ['a body that drips', { kind: 'drip', everyMs: 50 }],
  ])('counts a restore that took effect once, after %s', { timeout: SLOW }, async (_name, fault) => {
    const { videos, ids } = createRemovedVideos(5);
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(inTurn(ids, 'PATCH', [fault]));
    const before = rememberStates(sandbox, ids);

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    expect(countEach(sandbox, ids, 'PATCH')).toEqual(ids.map(() => 1));
  });

  test('sends again, at most twice more, what upstream had not acted on before the connection was reset', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(4);
    const [once = '', twice = '', always3 = '', never = ''] = ids;
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(
      firstOf(
        inTurn([once], 'DELETE', [RESET_BEFORE]),
        inTurn([twice], 'DELETE', [RESET_BEFORE, RESET_BEFORE]),
        always([always3], 'DELETE', RESET_BEFORE),
      ),
    );
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [always3] });
    expect(told).toEqual(['VideoRemoved', 'VideoRemoved', 'OUTCOME_UNKNOWN', 'VideoRemoved']);
    expect(countEach(sandbox, [once, twice, always3, never], 'DELETE')).toEqual([2, 3, 3, 1]);
  });

  test('sends a restore again, at most twice more, that was reset before upstream acted', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createRemovedVideos(3);
    const [once = '', twice = '', never = ''] = ids;
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(
      firstOf(
        inTurn([once], 'PATCH', [RESET_BEFORE]),
        inTurn([twice], 'PATCH', [RESET_BEFORE, RESET_BEFORE]),
        always([never], 'PATCH', RESET_BEFORE),
      ),
    );
    const before = rememberStates(sandbox, ids);

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    const told = assertTrue(sandbox, before, restoreVideos, { mayBeUnknown: [never] });
    expect(told).toEqual(['VideoRestored', 'VideoRestored', 'OUTCOME_UNKNOWN']);
    expect(countEach(sandbox, ids, 'PATCH')).toEqual([2, 3, 3]);
  });

  test('says that nothing changed where upstream gives up with complete 5xx answers', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(2);
    const { videos: removed, ids: removedIds } = createRemovedVideos(2);
    await using started = await startTestGateway({
      dialect,
      videos: [...videos, ...removed],
      upstreamLagMs,
      env,
    });
    const { sandbox, execute } = started;
    const fault: Fault = { kind: 'answer', acts: false, status: 500, body: '{}' };
    sandbox.setFault(firstOf(always(ids, 'DELETE', fault), always(removedIds, 'PATCH', fault)));
    const before = rememberStates(sandbox, ids);
    const removedBefore = rememberStates(sandbox, removedIds);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
    expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
    expect(countEach(sandbox, ids, 'DELETE')).toEqual([3, 3]);
    expect(countEach(sandbox, removedIds, 'PATCH')).toEqual([3, 3]);
  });

  test('settles by reading again where the first read is lost as well', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    const writes = inTurn(ids, 'DELETE', [RESET_AFTER]);
    const reads = inTurn(ids, 'GET', [{ kind: 'hang', acts: false }, RESET_BEFORE, 'usual', RESET_BEFORE]);
    const isSent = (id: string) => countEach(sandbox, [id], 'DELETE')[0] === 1;
    sandbox.setFault(
      (request) => writes(request) ?? (isSent(request.videoId ?? '') ? reads(request) : undefined),
    );
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
  });

  test('says OUTCOME_UNKNOWN where the look that is needed cannot be had', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(2);
    const [lost = '', fine = ''] = ids;
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    const writes = inTurn([lost], 'DELETE', [RESET_AFTER]);
    const reads = always([lost], 'GET', { kind: 'answer', acts: false, status: 500 });
    sandbox.setFault((request) => writes(request) ?? reads(request));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [lost, fine] });

    const [first] = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [lost] });
    expect(first).toBe('OUTCOME_UNKNOWN');
    expect(countEach(sandbox, [lost], 'DELETE')).toEqual([1]);
  });

  test('calls a lost deletion of a video removed long ago already removed', { timeout: SLOW }, async () => {
    const { videos, ids } = createRemovedVideos(3);
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(inTurn(ids, 'DELETE', [RESET_AFTER]));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: true })));
  });
});
