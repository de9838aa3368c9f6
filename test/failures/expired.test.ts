import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos } from '../support/create-videos.ts';
import { countEach, DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const DAY_MS = 86_400_000;

describe.each(DIALECTS)(
  'the 90 days of a removed video are over, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test('says NOT_FOUND for that one, and restores the others', { timeout: SLOW }, async () => {
      const { videos, ids } = createRemovedVideos(4);
      const day = new Date(Date.now() - 90 * DAY_MS - 1000).toISOString();
      await using started = await startTestGateway({
        dialect,
        videos: videos.map((video, index) =>
          index === 1
            ? { ...video, removedAt: day, deletesAt: new Date(Date.now() - 1000).toISOString() }
            : video,
        ),
      });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, before, restoreVideos)).toEqual([
        'VideoRestored',
        'NOT_FOUND',
        'VideoRestored',
        'VideoRestored',
      ]);
      expect(restoreVideos?.results[1]).toMatchObject({ retryable: false });
      expect(countEach(sandbox, ids, 'PATCH')).toEqual([1, 1, 1, 1]);
    });

    test('also where they end between two calls, or under the restore itself', {
      timeout: SLOW,
    }, async () => {
      let offset = 0;
      const { videos, ids } = createRemovedVideos(3);
      const [between = '', under = '', later = ''] = ids;
      await using started = await startTestGateway({
        dialect,
        videos: videos.map((video) => ({
          ...video,
          deletesAt: new Date(
            Date.now() + (video.videoId === between ? 1 : video.videoId === under ? 10 : 80) * DAY_MS,
          ).toISOString(),
        })),
        now: () => Date.now() + offset,
      });
      const { sandbox, execute } = started;
      const seen = await execute(VideoDocument, { id: between });
      expect(seen.video?.removed).toBe(true);
      offset = 2 * DAY_MS;
      sandbox.setFault((request) => {
        if (isOf(request, [under], 'PATCH')) offset = 20 * DAY_MS;
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const first = await execute(RestoreVideosDocument, { ids: [between] });
      const second = await execute(RestoreVideosDocument, { ids: [under, later] });

      expect(before.get(between)).toBe('absent');
      expect(assertTrue(sandbox, rememberStates(sandbox, [between]), first.restoreVideos)).toEqual([
        'NOT_FOUND',
      ]);
      expect(assertTrue(sandbox, rememberStates(sandbox, [under, later]), second.restoreVideos)).toEqual([
        'NOT_FOUND',
        'VideoRestored',
      ]);
    });

    test('says NOT_FOUND to a deletion of it, too', { timeout: SLOW }, async () => {
      let offset = 0;
      const { videos, ids } = createRemovedVideos(2);
      await using started = await startTestGateway({ dialect, videos, now: () => Date.now() + offset });
      const { sandbox, execute } = started;
      offset = 100 * DAY_MS;
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    });
  },
);
