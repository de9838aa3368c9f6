import { describe, expect, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import {
  RemovedVideosDocument,
  type RemovedVideosQuery,
  VideosDocument,
  type VideosQuery,
} from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const COUNT = 120;

/** One a minute, so that each has its own place in the order. */
function createSpread(fields: (createdAt: string) => object = () => ({})) {
  return Array.from({ length: COUNT }, (_, index) => {
    const createdAt = new Date(Date.now() - (index + 10) * 60_000).toISOString();
    return createVideo({ title: `Video ${index}`, createdAt, ...fields(createdAt) });
  });
}

describe.each(DIALECTS)(
  'a list that changes while it is walked, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test.each([
      ['are removed before', (at: number, known: readonly string[]) => known.slice(Math.max(0, at - 3), at)],
      [
        'are removed around',
        (at: number, known: readonly string[]) => known.slice(Math.max(0, at - 2), at + 2),
      ],
    ])(
      'skips no video that stays, and shows none twice, where some %s the cursor',
      { timeout: SLOW },
      async (_name, pick) => {
        const videos = createSpread();
        const known = videos.map(({ videoId }) => videoId);
        await using started = await startTestGateway({ dialect, videos });
        const { sandbox, execute } = started;
        const seen: string[] = [];

        let after: string | undefined;
        for (let page = 1; ; page += 1) {
          const walked: VideosQuery = await execute(VideosDocument, { first: 13, after: after ?? null });
          seen.push(...(walked.videos?.nodes ?? []).map(({ id }) => id));
          if (!walked.videos?.pageInfo.hasNextPage) break;
          after = walked.videos.pageInfo.endCursor ?? undefined;
          for (const id of pick(13 * page, known)) if (sandbox.state(id) === 'live') sandbox.remove(id);
        }

        expect(new Set(seen).size).toBe(seen.length);
        const staying = known.filter((id) => sandbox.state(id) === 'live');
        expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
      },
    );

    test('skips none and shows none twice where new ones come in front', { timeout: SLOW }, async () => {
      const videos = createSpread();
      const known = videos.map(({ videoId }) => videoId);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      const seen: string[] = [];

      let after: string | undefined;
      for (;;) {
        const walked: VideosQuery = await execute(VideosDocument, { first: 13, after: after ?? null });
        seen.push(...(walked.videos?.nodes ?? []).map(({ id }) => id));
        if (!walked.videos?.pageInfo.hasNextPage) break;
        after = walked.videos.pageInfo.endCursor ?? undefined;
        sandbox.addVideos(createVideos(5).videos);
      }

      expect(seen).toEqual(known);
    });

    test('walks the removed list while videos of it are restored, in the middle of a page’s reads too', {
      timeout: SLOW,
    }, async () => {
      const videos = createSpread((createdAt) => ({ removedAt: createdAt }));
      const known = videos.map(({ videoId }) => videoId);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      const seen: string[] = [];
      let lists = 0;
      sandbox.setFault(({ kind, videoId }) => {
        if (kind === 'read' && videoId === undefined) {
          lists += 1;
          const id = known[lists * 3];
          if (id && sandbox.state(id) === 'removed') sandbox.restore(id);
        }
        return undefined;
      });

      let after: string | undefined;
      for (;;) {
        const walked: RemovedVideosQuery = await execute(RemovedVideosDocument, {
          first: 17,
          after: after ?? null,
        });
        seen.push(...(walked.removedVideos?.nodes ?? []).map(({ id }) => id));
        if (!walked.removedVideos?.pageInfo.hasNextPage) break;
        after = walked.removedVideos.pageInfo.endCursor ?? undefined;
      }

      expect(new Set(seen).size).toBe(seen.length);
      const staying = known.filter((id) => sandbox.state(id) === 'removed');
      expect(staying.filter((id) => !seen.includes(id))).toEqual([]);
    });
  },
);
