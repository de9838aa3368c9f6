import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { countEach, DIALECTS, firstOf, inTurn } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;

/** No program of today listens there, and no test is given it: one that was just closed may be another test's next. */
const CLOSED_PORT = 1;

describe.each(['probe', 'on'])('upstream that cannot be reached (VIDEO_RESTORE=%s)', (setting) => {
  test.each(['closed port', 'unknown host'])(
    'is known not to have been sent anything: %s',
    { timeout: SLOW },
    async (which) => {
      const { videos, ids } = createVideos(3);
      const url = which === 'closed port' ? `http://127.0.0.1:${CLOSED_PORT}` : 'http://nowhere.invalid';
      await using started = await startTestGateway({
        videos,
        env: { APIVIDEO_BASE_URL: url, VIDEO_RESTORE: setting },
      });
      const { sandbox, execute, post } = started;
      const before = rememberStates(sandbox, ids);

      const refuse = await execute(DeleteVideosDocument, { ids });
      const allow = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });
      const read = await post({ query: `{ video(id: "${ids[0]}") { id } }` });

      for (const payload of [refuse.deleteVideos, allow.deleteVideos, restoreVideos]) {
        expect(assertTrue(sandbox, before, payload)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
        expect(payload?.results).toMatchObject(ids.map(() => ({ retryable: true })));
      }
      expect(read.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
      expect(sandbox.requests).toEqual([]);
    },
  );
});

describe('upstream that goes away between two calls', () => {
  test('is UPSTREAM_UNAVAILABLE where the token was there and the connection is not', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    await execute(VideoDocument, { id: ids[0] ?? '' });
    const before = rememberStates(sandbox, ids);
    await sandbox.close();

    // A connection may be found dead only under the request; after that, nothing is sent any more.
    const first = await execute(RestoreVideosDocument, { ids });
    const second = await execute(RestoreVideosDocument, { ids });

    assertTrue(sandbox, before, first.restoreVideos, { mayBeUnknown: ids });
    expect(assertTrue(sandbox, before, second.restoreVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
  });
});

describe.each(DIALECTS)(
  'a kept-alive connection that dies, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test.each([true, false])(
      'is settled by reading when it is reset under a request (acted: %s)',
      { timeout: SLOW },
      async (acts) => {
        const { videos, ids } = createVideos(12);
        const { videos: removed, ids: removedIds } = createRemovedVideos(12);
        await using started = await startTestGateway({
          dialect,
          videos: [...videos, ...removed],
          env: { UPSTREAM_CONCURRENCY: '2' },
        });
        const { sandbox, execute } = started;
        const odd = ids.filter((_id, index) => index % 3 === 1);
        const oddRemoved = removedIds.filter((_id, index) => index % 3 === 1);
        sandbox.setFault(
          firstOf(
            inTurn(odd, 'DELETE', [{ kind: 'reset', acts }]),
            inTurn(oddRemoved, 'PATCH', [{ kind: 'reset', acts }]),
          ),
        );
        const before = rememberStates(sandbox, ids);
        const removedBefore = rememberStates(sandbox, removedIds);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
        const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

        expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
        expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
        const times = acts ? 1 : 2;
        expect(countEach(sandbox, odd, 'DELETE')).toEqual(odd.map(() => times));
        expect(countEach(sandbox, oddRemoved, 'PATCH')).toEqual(oddRemoved.map(() => times));
      },
    );

    test('costs no result where a proxy closes idle connections as they are used again', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(20);
      // The gateway speaks to the proxy, which forwards to the sandbox of its own that is named later.
      await using proxy = await startCuttingProxy({ requestsEach: 3 });
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { APIVIDEO_BASE_URL: proxy.url, UPSTREAM_CONCURRENCY: '4' },
      });
      const { sandbox, execute } = started;
      proxy.forwardTo(sandbox.url);
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      const removed = rememberStates(sandbox, ids);
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, removed, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
      expect(proxy.cuts).toBeGreaterThan(0);
      expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
    });

    test('goes on after every idle connection was closed between two calls', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(20);
      await using proxy = await startCuttingProxy();
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { APIVIDEO_BASE_URL: proxy.url },
      });
      const { sandbox, execute } = started;
      proxy.forwardTo(sandbox.url);
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      const removed = rememberStates(sandbox, ids);
      await proxy.closeAll();
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      expect(assertTrue(sandbox, removed, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    });
  },
);
