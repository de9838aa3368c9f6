import { describe, expect, test } from 'vitest';
import { RestoreVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

describe.each(['discarded', 'removed'] as const)('restoreVideos against the %s dialect', (dialect) => {
  test('restores each video with one PATCH and answers it in the order given', async () => {
    const { videos, ids } = createRemovedVideos(5);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, calls, execute } = started;

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: [...ids, ids[0] ?? ''] });

    expect(restoreVideos?.results).toMatchObject(
      ids.map((videoId) => ({
        __typename: 'VideoRestored',
        videoId,
        // This dialect answers 200 to restoring a live video too, so that nothing proves what it was.
        alreadyLive: dialect === 'discarded' ? false : null,
        video: { id: videoId, removed: false, removedAt: null, assets: { __typename: 'VideoAssets' } },
      })),
    );
    expect(restoreVideos?.summary).toMatchObject({ requested: 5, succeeded: 5, failed: 0 });
    expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'live'));
    expect(calls(ids).every((call) => call.startsWith('PATCH'))).toBe(true);
    expect(calls(ids)).toHaveLength(5);
  });

  test('says NOT_FOUND for one that is neither live nor removed', async () => {
    await using started = await startTestGateway({ dialect });
    const { execute } = started;

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: ['viNowhere'] });

    expect(restoreVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  test('shows it live where the answer to the restore still shows it removed', async () => {
    const { videos, ids } = createRemovedVideos(2);
    await using started = await startTestGateway({ dialect, videos, restoreAnswer: 'stale' });
    const { calls, execute } = started;

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    expect(restoreVideos?.results).toMatchObject(
      ids.map(() => ({ __typename: 'VideoRestored', video: { removed: false } })),
    );
    expect(calls(ids).filter((call) => call.startsWith('PATCH'))).toHaveLength(2);
  });
});

test('says that a live video was live before, where upstream refuses to restore it', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { execute } = started;

  const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

  expect(restoreVideos?.results).toMatchObject([{ __typename: 'VideoRestored', alreadyLive: true }]);
});

test('finds the dialect out once, and sends no restore, while upstream fails the look for it', async () => {
  const { videos, ids } = createRemovedVideos(3);
  await using started = await startTestGateway({ videos });
  const { sandbox, execute } = started;
  sandbox.setFault(({ kind }) =>
    kind === 'read' ? { kind: 'answer', acts: false, status: 500 } : undefined,
  );

  const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

  expect(restoreVideos?.results).toMatchObject(ids.map(() => ({ code: 'UPSTREAM_UNAVAILABLE' })));
  // One look for all three, and its one retry.
  expect(sandbox.requests.map(({ kind }) => kind).filter((kind) => kind === 'read')).toHaveLength(2);
  expect(sandbox.requests.filter(({ method }) => method === 'PATCH')).toEqual([]);
});
