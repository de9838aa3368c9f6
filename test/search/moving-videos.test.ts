import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, NodesDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const LAG_MS = 200;

/** Moves a video from the live ones to the removed ones, or back. */
function move({ sandbox }: Awaited<ReturnType<typeof startTestGateway>>, id: string): void {
  if (sandbox.state(id) === 'live') sandbox.remove(id);
  else sandbox.restore(id);
}

describe.each(DIALECTS)(
  'whole lists that others change while they are read, in the %s dialect',
  (dialect) => {
    /** Each read of a page moves one video that is asked for, and one that is not: the pages shift. */
    async function start() {
      const live = createVideos(450);
      const removed = createRemovedVideos(450);
      const started = await startTestGateway({
        dialect,
        videos: [...live.videos, ...removed.videos],
        lagMs: LAG_MS / 2,
        upstreamLagMs: LAG_MS,
        env: { VIDEO_RESTORE: 'on' },
      });
      const all = [...live.ids, ...removed.ids];
      const asked = all.filter((_, index) => index % 3 === 0);
      const moving = [...asked].sort();
      const others = all.filter((_, index) => index % 3 === 1);
      started.sandbox.setFault(({ query }) => {
        if (query.get('pageSize') !== '100') return undefined;
        for (const ids of [moving, others]) {
          const id = ids.pop();
          if (id !== undefined) move(started, id);
        }
        return undefined;
      });
      return { ...started, asked };
    }

    test('make no existing video null', async () => {
      await using started = await start();
      const { execute, asked, sandbox } = started;
      const gone = Array.from({ length: 100 }, (_, index) => `viGone${index}`);

      const { nodes } = await execute(NodesDocument, { ids: [...asked, ...gone] });

      expect(nodes?.map((node) => node?.id)).toEqual([...asked, ...gone.map(() => undefined)]);
      // The pages were read, and did shift.
      expect(sandbox.requests.filter(({ query }) => query.get('pageSize') === '100').length).toBeGreaterThan(
        10,
      );
    });

    test('make no existing video NOT_FOUND', async () => {
      await using started = await start();
      const { execute, asked } = started;

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: asked });

      const told = (deleteVideos?.results ?? []).map((result) =>
        result.__typename === 'VideoFailure' ? result.code : result.__typename,
      );
      expect(told).not.toContain('NOT_FOUND');
      const removed = deleteVideos?.results.filter(({ __typename }) => __typename === 'VideoRemoved') ?? [];
      expect(removed.length).toBeGreaterThan(200);
    });
  },
);
