import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS, inTurn } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const LAG_MS = 700;
const SLOW = 60_000;

const RESET_AFTER: Fault = { kind: 'reset', acts: true };

describe.each(DIALECTS)(
  'reads that lag behind writes, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test('waits until removed videos show as removed, and deletes each once', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(10);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
    });

    test.each(['fresh', 'stale'] as const)(
      'sends no second restore while one that was answered does not show yet (%s answer)',
      { timeout: SLOW },
      async (restoreAnswer) => {
        const { videos, ids } = createRemovedVideos(10);
        await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS, restoreAnswer });
        const { sandbox, execute } = started;
        const before = rememberStates(sandbox, ids);

        const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

        expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
        expect(countEach(sandbox, ids, 'PATCH')).toEqual(ids.map(() => 1));
      },
    );

    test('says OUTCOME_UNKNOWN of a restore that does not show within the wait', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createRemovedVideos(2);
      await using started = await startTestGateway({
        dialect,
        videos,
        lagMs: 30_000,
        restoreAnswer: 'stale',
        env: { UPSTREAM_TIMEOUT_MS: '1000' },
      });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids, options: { waitSeconds: 3 } });

      expect(assertTrue(sandbox, before, restoreVideos, { mayBeUnknown: ids })).toEqual(
        ids.map(() => 'OUTCOME_UNKNOWN'),
      );
      expect(countEach(sandbox, ids, 'PATCH')).toEqual([1, 1]);
    });

    test('does not take a lagging read for proof that a lost deletion did nothing', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(6);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      sandbox.setFault(inTurn(ids, 'DELETE', [RESET_AFTER]));
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    });

    test('does not take a lagging read for proof that a lost restore did nothing', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createRemovedVideos(6);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      sandbox.setFault(inTurn(ids, 'PATCH', [RESET_AFTER]));
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    });

    test('never says that nothing changed of a deletion hidden by the lag', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(3);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      sandbox.setFault(always(ids, 'DELETE', { kind: 'answer', acts: true, status: 502 }));
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    });

    test('never says that nothing changed of a restore hidden by the lag', { timeout: SLOW }, async () => {
      const { videos, ids } = createRemovedVideos(3);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      sandbox.setFault(always(ids, 'PATCH', { kind: 'answer', acts: true, status: 502 }));
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    });

    test.each(['probe', 'on'])(
      'never destroys by deleting again what lagging reads still show as live (VIDEO_RESTORE=%s)',
      { timeout: SLOW },
      async (setting) => {
        const { videos, ids } = createVideos(3);
        await using started = await startTestGateway({
          dialect,
          videos,
          lagMs: LAG_MS,
          secondDelete: 'destroys',
          env: { VIDEO_RESTORE: setting },
        });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids, 'DELETE', [RESET_AFTER]));
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

        expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'removed'));
        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
      },
    );

    test.each(['probe', 'on'])(
      'never destroys what a call before has just removed (VIDEO_RESTORE=%s)',
      { timeout: SLOW },
      async (setting) => {
        const { videos, ids } = createVideos(3);
        await using started = await startTestGateway({
          dialect,
          videos,
          lagMs: LAG_MS,
          secondDelete: 'destroys',
          env: { VIDEO_RESTORE: setting },
        });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids, 'DELETE', [RESET_AFTER]));

        for (let call = 1; call <= 3; call += 1) {
          const before = rememberStates(sandbox, ids);
          const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
          assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
        }

        expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'removed'));
      },
    );

    test('shows a video in the state that the request has just put it in', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(1);
      await using started = await startTestGateway({ dialect, videos, lagMs: LAG_MS });
      const { sandbox, execute } = started;
      const [id = ''] = ids;

      await execute(DeleteVideosDocument, { ids });
      const { video } = await execute(VideoDocument, { id });

      expect(sandbox.state(id)).toBe('removed');
      expect(video?.removed).toBe(true);
    });
  },
);
