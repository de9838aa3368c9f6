import { describe, expect, test } from 'vitest';
import {
  DeleteVideosDocument,
  NodesDocument,
  RestoreVideosDocument,
  VideosDocument,
} from '../generated/test-documents.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const LAG_MS = 300;
const GONE = Array.from({ length: 4 }, (_, index) => `viGone${index}`);
const NOT_FOUND = GONE.map(() => ({ code: 'NOT_FOUND' }));

describe.each(DIALECTS)('videos that are gone, in the %s dialect', (dialect) => {
  test('are proved gone by two rounds, the lag apart, side by side', async () => {
    await using started = await startTestGateway({
      dialect,
      upstreamLagMs: LAG_MS,
      env: { VIDEO_RESTORE: 'on' },
    });
    const { sandbox, execute } = started;
    const begun = performance.now();

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: GONE });

    expect(deleteVideos?.results).toMatchObject(NOT_FOUND);
    expect(performance.now() - begun).toBeLessThan(4 * LAG_MS + 2_000);
    for (const id of GONE) {
      const looks = sandbox.requests.filter((request) => isOf(request, [id], 'GET')).map(({ at }) => at);
      expect(looks).toHaveLength(dialect === 'discarded' ? 4 : 2);
      expect((looks.at(-1) ?? 0) - (looks[0] ?? 0)).toBeGreaterThanOrEqual(LAG_MS);
    }
    expect(sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
  });

  test('are remembered: deletions and restores ask nobody again', async () => {
    await using started = await startTestGateway({ dialect, upstreamLagMs: LAG_MS });
    const { sandbox, execute } = started;
    await execute(RestoreVideosDocument, { ids: GONE });
    sandbox.clearRequests();

    const answers = await Promise.all([
      execute(DeleteVideosDocument, { ids: GONE }),
      execute(DeleteVideosDocument, { ids: GONE, options: { ifPermanent: 'ALLOW' } }),
      execute(RestoreVideosDocument, { ids: GONE }),
    ]);

    expect(answers[0].deleteVideos?.results).toMatchObject(NOT_FOUND);
    expect(answers[1].deleteVideos?.results).toMatchObject(NOT_FOUND);
    expect(answers[2].restoreVideos?.results).toMatchObject(NOT_FOUND);
    expect(sandbox.requests).toEqual([]);
  });

  test('are remembered once a deletion has destroyed them', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await startTestGateway({
      dialect,
      videos,
      videoRestore: false,
      upstreamLagMs: LAG_MS,
    });
    const { sandbox, execute } = started;
    const options = { ifPermanent: 'ALLOW' } as const;
    const first = await execute(DeleteVideosDocument, { ids, options });
    sandbox.clearRequests();

    const again = await execute(DeleteVideosDocument, { ids, options });

    expect(first.deleteVideos?.results).toMatchObject(ids.map(() => ({ __typename: 'VideoDestroyed' })));
    expect(again.deleteVideos?.results).toMatchObject(ids.map(() => ({ code: 'NOT_FOUND' })));
    expect(sandbox.requests).toEqual([]);
  });

  test('are forgotten as soon as upstream shows one of them, and the log says so', async () => {
    const log = captureLog('info');
    await using started = await startTestGateway({ dialect, upstreamLagMs: LAG_MS, logger: log.logger });
    const { sandbox, execute } = started;
    const { videos, ids } = createVideos(1);
    await execute(DeleteVideosDocument, { ids });

    sandbox.addVideos(videos);
    const before = await execute(NodesDocument, { ids });
    await execute(VideosDocument, { first: 10 });
    const { nodes } = await execute(NodesDocument, { ids });
    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(before.nodes).toEqual([null]);
    expect(nodes).toMatchObject([{ id: ids[0] }]);
    expect(deleteVideos?.results).toMatchObject([{ __typename: 'VideoRemoved' }]);
    expect(log.lines.filter(({ msg }) => msg.includes('proved not to exist'))).toMatchObject([
      { level: 40, videoId: ids[0] },
    ]);
  });

  test('are not remembered where others may be moving them', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs: LAG_MS });
    const { sandbox, execute } = started;
    await execute(DeleteVideosDocument, { ids });
    sandbox.destroy(ids[0] ?? '');
    await execute(DeleteVideosDocument, { ids });
    sandbox.clearRequests();

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(sandbox.requests.length).toBeGreaterThan(0);
  });
});
