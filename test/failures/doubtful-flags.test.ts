// A removed video whose flags do not say that it is removed: no result calls it live, and nothing is written to it.
import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';
import { startVideoAlteringProxy } from '../support/video-altering-proxy.ts';

const SLOW = 60_000;

type Fields = Record<string, unknown>;

const without = (video: Fields, ...fields: string[]): Fields =>
  Object.fromEntries(Object.entries(video).filter(([name]) => !fields.includes(name)));
/** A removed video as upstream shows it, without a readable word that it is removed. */
const DOUBTFUL: readonly [
  string,
  readonly (typeof DIALECTS)[number][],
  (video: Fields, flag: string) => Fields,
][] = [
  ['is null', DIALECTS, (video, flag) => ({ ...video, [flag]: null })],
  ['is missing', DIALECTS, (video, flag) => without(video, flag)],
  ['is contradicted by the other', DIALECTS, (video) => ({ ...video, discarded: false, removed: true })],
  ['is off', ['discarded'], (video) => ({ ...video, discarded: false })],
  [
    'is missing, as is each date',
    ['discarded'],
    (video) => without(video, 'discarded', 'discardedAt', 'deletesAt'),
  ],
];

describe.each(DOUBTFUL)('a removed video whose flag %s', { concurrent: true }, (_name, dialects, alter) => {
  test.each(dialects)(
    'is never taken for a live one, in the %s dialect',
    { timeout: SLOW },
    async (dialect) => {
      const { videos, ids } = createRemovedVideos(1);
      const [odd = ''] = ids;
      const gone = Array.from({ length: 40 }, (_, index) => `viGone${index}`);
      const proxy = await startVideoAlteringProxy((video) =>
        video.videoId === odd ? alter(video, dialect) : video,
      );
      await using _proxy = proxy;
      await using started = await startTestGateway({
        dialect,
        videos,
        secondDelete: 'destroys',
        upstreamLagMs: 500,
        env: { APIVIDEO_BASE_URL: proxy.url, VIDEO_RESTORE: 'on' },
      });
      const { post, execute, sandbox } = started;
      proxy.forwardTo(sandbox.url);

      const read = await post({ query: `{ node(id: "${odd}") { id } }` });
      const readWithGone = await post({
        query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
        variables: { ids: [...gone, odd] },
      });
      const { restoreVideos } = await execute(RestoreVideosDocument, {
        ids: [...gone, odd],
        options: { waitSeconds: 5 },
      });
      const { deleteVideos } = await execute(DeleteVideosDocument, {
        ids: [...gone, odd],
        options: { waitSeconds: 5 },
      });

      expect(read).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }] });
      expect(readWithGone.errors).toMatchObject([
        { path: ['nodes', 40], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
      ]);
      expect(restoreVideos?.results.at(-1)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
      expect(deleteVideos?.results.at(-1)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
      expect([countEach(sandbox, ids, 'PATCH'), countEach(sandbox, ids, 'DELETE')]).toEqual([[0], [0]]);
      expect(sandbox.state(odd)).toBe('removed');
    },
  );
});

test('the answer to a restore may lack the flag, and still have the dates', { timeout: SLOW }, async () => {
  const { videos, ids } = createRemovedVideos(1);
  const [odd = ''] = ids;
  await using started = await startTestGateway({ videos, upstreamLagMs: 500 });
  const { execute, sandbox } = started;
  const body = JSON.stringify({ videoId: odd, discardedAt: '2026-05-01T12:00:00+00:00' });
  sandbox.setFault(always(ids, 'PATCH', { kind: 'answer', acts: true, status: 200, body }));

  const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

  // A lost answer would not prove that the video was removed before.
  expect(restoreVideos?.results).toMatchObject([{ __typename: 'VideoRestored', alreadyLive: false }]);
  expect(countEach(sandbox, ids, 'PATCH')).toEqual([1]);
});
