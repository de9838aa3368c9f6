import { describe, expect, test } from 'vitest';
import {
  DeleteVideosDocument,
  DeleteVideosLeanDocument,
  RestoreVideosDocument,
} from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { countEach, DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;

describe.each(DIALECTS)(
  'two acts on one video at the same moment, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    describe.each(['not-found', 'no-content', 'destroys'] as const)(
      'where a second DELETE: %s',
      (secondDelete) => {
        test.each(['probe', 'on'])(
          'answers two requests that delete the same videos truthfully, and loses none (VIDEO_RESTORE=%s)',
          { timeout: SLOW },
          async (setting) => {
            const { videos, ids } = createVideos(8);
            await using started = await startTestGateway({
              dialect,
              videos,
              secondDelete,
              latencyMs: 20,
              env: { VIDEO_RESTORE: setting },
            });
            const { sandbox, execute } = started;
            const before = rememberStates(sandbox, ids);

            const answers = await Promise.all(
              [ids, ids, ids].map((each) => execute(DeleteVideosDocument, { ids: each })),
            );

            expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'removed'));
            for (const { deleteVideos } of answers) {
              expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
            }
          },
        );
      },
    );

    test('under ALLOW, too, loses no video that can be restored', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(8);
      await using started = await startTestGateway({
        dialect,
        videos,
        secondDelete: 'destroys',
        latencyMs: 20,
      });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const answers = await Promise.all(
        [ids, ids.toReversed()].map((each) =>
          execute(DeleteVideosDocument, { ids: each, options: { ifPermanent: 'ALLOW' } }),
        ),
      );

      expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'removed'));
      expect(assertTrue(sandbox, before, answers[0]?.deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    });

    test('settles a deletion and a restore of the same video one after the other', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(6);
      await using started = await startTestGateway({ dialect, videos, latencyMs: 20 });
      const { sandbox, execute } = started;

      const [{ deleteVideos }, { restoreVideos }] = await Promise.all([
        execute(DeleteVideosDocument, { ids }),
        execute(RestoreVideosDocument, { ids }),
      ]);

      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ __typename: 'VideoRemoved' })));
      expect(restoreVideos?.results).toMatchObject(ids.map(() => ({ __typename: 'VideoRestored' })));
      for (const id of ids) {
        const writes = sandbox.requests.filter(({ kind, videoId }) => kind === 'write' && videoId === id);
        const last = writes.filter(({ status }) => status === 200 || status === 204).at(-1);
        expect(sandbox.state(id)).toBe(last?.method === 'DELETE' ? 'removed' : 'live');
      }
    });

    test('calls removed what somebody else removes between the look and the DELETE', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(4);
      await using started = await startTestGateway({ dialect, videos, env: { VIDEO_RESTORE: 'on' } });
      const { sandbox, execute } = started;
      sandbox.setFault((request) => {
        if (isOf(request, ids, 'DELETE')) sandbox.remove(request.videoId ?? '');
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: true })));
      expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
    });

    test('calls removed what somebody else removes before a DELETE without a look', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(4);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      sandbox.setFault((request) => {
        if (isOf(request, ids.slice(1), 'DELETE')) sandbox.remove(request.videoId ?? '');
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    });

    test('says NOT_FOUND of what somebody else destroys meanwhile', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(3);
      const { videos: removed, ids: removedIds } = createRemovedVideos(3);
      await using started = await startTestGateway({ dialect, videos: [...videos, ...removed] });
      const { sandbox, execute } = started;
      sandbox.setFault((request) => {
        if (isOf(request, [...ids, ...removedIds]) && request.kind === 'write')
          sandbox.destroy(request.videoId ?? '');
        return undefined;
      });
      const before = rememberStates(sandbox, ids);
      const removedBefore = rememberStates(sandbox, removedIds);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'NOT_FOUND'));
      expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(removedIds.map(() => 'NOT_FOUND'));
    });

    test('calls live what somebody else restores meanwhile', { timeout: SLOW }, async () => {
      const { videos, ids } = createRemovedVideos(3);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      sandbox.setFault((request) => {
        if (isOf(request, ids, 'PATCH')) sandbox.restore(request.videoId ?? '');
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
      expect(countEach(sandbox, ids, 'PATCH')).toEqual(ids.map(() => 1));
    });
  },
);
