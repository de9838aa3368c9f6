// Row 29 for many calls at once, such as a frontend makes that deletes one video a call: the first deletion of each is a
// risk, and together they take no more of it than one call does.
import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument } from '../generated/operations.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';
import { createVideos } from '../support/videos.ts';

const SLOW = 60_000;
/** A deployment's word, which may be out of date: no call begins on a proof. */
const env = { VIDEO_RESTORE: 'on' };

describe.each(DIALECTS)('many calls at once, in the %s dialect', (dialect) => {
  test.each([
    [1, {}],
    [3, {}],
    [1, { waitSeconds: 0 }],
  ])(
    'of %i videos each, after Video Restore was switched off: cost one video in all (options %o)',
    {
      timeout: SLOW,
    },
    async (size, options) => {
      const { videos, ids } = createVideos(40 * size);
      const { sandbox, execute } = await startTestGateway({
        dialect,
        videos,
        videoRestore: false,
        latencyMs: 20,
        env,
      });
      const before = rememberStates(sandbox, ids);

      const calls = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          execute(DeleteVideosDocument, { ids: ids.slice(index * size, (index + 1) * size), options }),
        ),
      );

      const results = calls.flatMap(({ deleteVideos }) => deleteVideos?.results ?? []);
      const told = assertTrue(sandbox, before, { results });
      // Without time to wait, some are not attempted before it is known.
      const isUntouched = (each: string) => each === 'PERMANENT_DELETION_REFUSED' || each === 'NOT_ATTEMPTED';
      expect(told.filter((each) => !isUntouched(each))).toEqual(['DESTROYED']);
    },
  );

  test('wait for the first one alone, and then go side by side', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(20);
    const { sandbox, execute } = await startTestGateway({ dialect, videos, latencyMs: 50, env });

    const calls = await Promise.all(ids.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

    for (const { deleteVideos } of calls) expect(deleteVideos?.summary.succeeded).toBe(1);
    const deletions = sandbox.requests.filter(({ method }) => method === 'DELETE');
    expect(deletions).toHaveLength(ids.length);
    const [first, second, third] = deletions;
    const proofOf = (deletion: typeof first) =>
      sandbox.requests.find(
        ({ index, method, videoId }) =>
          deletion && method === 'GET' && videoId === deletion.videoId && index > deletion.index,
      );
    expect(second?.index).toBeGreaterThan(proofOf(first)?.index ?? Number.POSITIVE_INFINITY);
    expect(third?.index).toBeLessThan(proofOf(second)?.index ?? Number.NEGATIVE_INFINITY);
  });
});
