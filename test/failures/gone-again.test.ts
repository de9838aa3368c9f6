// A video that is gone is NOT_FOUND when it is deleted again, also where the call would have to allow a permanent deletion.
import { expect, test } from 'vitest';
import { DeleteVideosDocument, NodesDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

test.each(DIALECTS)('a video that the gateway has just destroyed, in the %s dialect', async (dialect) => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ dialect, videos, videoRestore: false });
  const { execute, calls } = started;
  const destroyed = await execute(DeleteVideosDocument, {
    ids: ids.slice(0, 1),
    options: { ifPermanent: 'ALLOW' },
  });
  const before = calls().length;

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'REFUSE' } });

  expect(destroyed.deleteVideos?.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);
  expect(deleteVideos?.results).toMatchObject([
    { code: 'NOT_FOUND' },
    { code: 'PERMANENT_DELETION_REFUSED' },
  ]);
  expect(
    calls(ids)
      .slice(before)
      .filter((call) => call.startsWith('DELETE')),
  ).toEqual([]);
});

test('one of which the setting says that Video Restore is off', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({
    videos,
    videoRestore: false,
    env: { VIDEO_RESTORE: 'off' },
  });
  const { execute } = started;
  await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

  expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('one that was destroyed although the call did not allow it', async () => {
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ videos, videoRestore: false, env: { VIDEO_RESTORE: 'on' } });
  const { execute } = started;
  const first = await execute(DeleteVideosDocument, { ids });
  const [lost = ''] = (first.deleteVideos?.results ?? []).flatMap((result) =>
    result.__typename === 'VideoFailure' && result.code === 'DESTROYED' ? [result.videoId] : [],
  );

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [lost] });

  expect(deleteVideos?.results).toMatchObject([{ videoId: lost, code: 'NOT_FOUND' }]);
});

test('one that the gateway has destroyed after it had restored it', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { execute, post, sandbox } = started;
  await post({
    query: `mutation ($ids: [ID!]!) { a: deleteVideos(ids: $ids) { summary { failed } }
      b: restoreVideos(ids: $ids) { summary { failed } } }`,
    variables: { ids },
  });
  sandbox.videoRestore = false;
  const destroyed = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

  expect(destroyed.deleteVideos?.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);
  expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('one that a query has proved to be absent', async () => {
  await using started = await startTestGateway({ videoRestore: false });
  const { execute } = started;
  await execute(NodesDocument, { ids: ['viNowhere'] });

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids: ['viNowhere'] });

  expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('one that others destroyed right after the gateway had removed it', async () => {
  const { videos, ids } = createVideos(1);
  const [id = ''] = ids;
  await using started = await startTestGateway({ videos });
  const { execute, sandbox } = started;
  await execute(DeleteVideosDocument, { ids });
  sandbox.destroy(id);
  sandbox.videoRestore = false;
  const proved = await execute(NodesDocument, { ids });

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

  expect(proved.nodes).toEqual([null]);
  expect(deleteVideos?.results).toMatchObject([{ code: 'NOT_FOUND' }]);
});
