import { afterEach, expect, test, vi } from 'vitest';
import { DeleteVideosDocument, NodesDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Moves the clock of the gateway. The sandbox has its own. */
function passTime(ms: number) {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

test('a few ids are looked for once more when a minute has passed, and a video that came late is found', {
  concurrent: false,
}, async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ upstreamLagMs: 100 });
  const { sandbox, execute } = started;
  await execute(NodesDocument, { ids });
  sandbox.addVideos(videos.slice(0, 1));
  sandbox.clearRequests();

  expect((await execute(NodesDocument, { ids })).nodes).toEqual([null, null]);
  expect(sandbox.requests).toEqual([]);

  passTime(61_000);
  const { nodes } = await execute(NodesDocument, { ids });

  expect(nodes?.map((node) => node?.id)).toEqual([ids[0], undefined]);
  // One for the one that is live; one in each place for the other.
  expect(sandbox.requests).toHaveLength(3);
});

test('asking again meanwhile renews no proof', { concurrent: false }, async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ upstreamLagMs: 100, env: { VIDEO_RESTORE: 'on' } });
  const { sandbox, execute } = started;
  await execute(NodesDocument, { ids });
  sandbox.addVideos(videos.slice(0, 1));
  passTime(40_000);
  expect((await execute(NodesDocument, { ids })).nodes).toEqual([null, null]);
  expect((await execute(DeleteVideosDocument, { ids })).deleteVideos?.results).toMatchObject([
    { code: 'NOT_FOUND' },
    { code: 'NOT_FOUND' },
  ]);
  expect((await execute(RestoreVideosDocument, { ids })).restoreVideos?.results).toMatchObject([
    { code: 'NOT_FOUND' },
    { code: 'NOT_FOUND' },
  ]);
  vi.restoreAllMocks();

  passTime(70_000);
  const { nodes } = await execute(NodesDocument, { ids });

  expect(nodes?.map((node) => node?.id)).toEqual([ids[0], undefined]);
});

test('many ids are not', { concurrent: false }, async () => {
  const gone = Array.from({ length: 5 }, (_, index) => `viGone${index}`);
  await using started = await startTestGateway({ upstreamLagMs: 100 });
  const { sandbox, execute } = started;
  await execute(NodesDocument, { ids: gone });
  sandbox.clearRequests();

  passTime(61_000);

  expect((await execute(NodesDocument, { ids: gone })).nodes).toEqual(gone.map(() => null));
  expect(sandbox.requests).toEqual([]);
});
