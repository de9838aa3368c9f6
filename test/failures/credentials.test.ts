import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS, isOf } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;

function tokensAsked(sandbox: Sandbox): number {
  return sandbox.requests.filter(({ kind }) => kind === 'auth').length;
}

describe.each(DIALECTS)('credentials that end, in the %s dialect', { concurrent: true }, (dialect) => {
  test('asks for one token when the old one is revoked in the middle of a batch', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(100);
    await using started = await startTestGateway({ dialect, videos, latencyMs: 5 });
    const { sandbox, execute } = started;
    let deletions = 0;
    sandbox.setFault((request) => {
      if (isOf(request, ids, 'DELETE')) {
        deletions += 1;
        if (deletions === 40) sandbox.revokeTokens();
      }
      return undefined;
    });
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(tokensAsked(sandbox)).toBe(2);
    const refused = sandbox.requests.filter(({ status }) => status === 401);
    expect(refused.length).toBeGreaterThan(0);
    // Only what was answered 401 goes out twice.
    const again = sandbox.requests.filter((request) => isOf(request, ids, 'DELETE')).length - ids.length;
    expect(again).toBe(refused.filter(({ method }) => method === 'DELETE').length);
  });

  test('asks for one token when 200 restores meet a dead one at once', { timeout: SLOW }, async () => {
    const { videos, ids } = createRemovedVideos(200);
    await using started = await startTestGateway({
      dialect,
      videos,
      limits: null,
      latencyMs: 50,
      env: { UPSTREAM_CONCURRENCY: '200' },
    });
    const { sandbox, execute } = started;
    const [first = '', ...rest] = ids;
    await execute(RestoreVideosDocument, { ids: [first] });
    sandbox.revokeTokens();
    sandbox.clearRequests();
    const before = rememberStates(sandbox, rest);

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: rest });

    expect(assertTrue(sandbox, before, restoreVideos)).toEqual(rest.map(() => 'VideoRestored'));
    expect(tokensAsked(sandbox)).toBe(1);
    expect(sandbox.requests.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(150);
  });

  test('says UPSTREAM_UNAUTHORIZED, without a loop, when the key is revoked', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(100);
    const { videos: removed, ids: removedIds } = createRemovedVideos(100);
    await using started = await startTestGateway({ dialect, videos: [...videos, ...removed] });
    const { sandbox, execute } = started;
    await execute(VideoDocument, { id: ids[0] ?? '' });
    sandbox.revokeKey();
    sandbox.clearRequests();
    const before = rememberStates(sandbox, ids);
    const removedBefore = rememberStates(sandbox, removedIds);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAUTHORIZED'));
    expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(
      removedIds.map(() => 'UPSTREAM_UNAUTHORIZED'),
    );
    expect(tokensAsked(sandbox)).toBeLessThanOrEqual(5);
    expect(sandbox.requests.length).toBeLessThanOrEqual(2 * 100 + 10);
  });

  test('is truthful when the key is revoked in the middle of a batch', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(120);
    await using started = await startTestGateway({ dialect, videos, latencyMs: 5 });
    const { sandbox, execute } = started;
    let deletions = 0;
    sandbox.setFault((request) => {
      if (isOf(request, ids, 'DELETE')) {
        deletions += 1;
        if (deletions === 60) sandbox.revokeKey();
      }
      return undefined;
    });
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 20 } });

    // What was answered 204 can no longer be read back: whether it can be restored is not known.
    const acknowledged = ids.filter((id) =>
      sandbox.requests.some((request) => isOf(request, [id], 'DELETE') && request.status === 204),
    );
    const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: acknowledged });
    expect(told).toContain('VideoRemoved');
    expect(told.some((each) => each === 'UPSTREAM_UNAUTHORIZED' || each === 'NOT_ATTEMPTED')).toBe(true);
    expect(tokensAsked(sandbox)).toBeLessThanOrEqual(6);
  });

  test('renews a token before it expires', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({
      dialect,
      videos,
      tokenLifetimeSeconds: 1,
      latencyMs: 100,
      env: { UPSTREAM_CONCURRENCY: '1' },
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(tokensAsked(sandbox)).toBeGreaterThan(1);
  });

  test.each([301, 302, 303, 307, 308])(
    'does not follow a redirect to another host (%i): it sees nothing',
    { timeout: SLOW },
    async (status) => {
      const { videos, ids } = createVideos(2);
      await using elsewhere = await startSandbox();
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute, post } = started;
      // The other one stands first: it proves that removing is restorable, whatever becomes of this one.
      const redirected = ids.at(1) ?? '';
      const location = `${elsewhere.url}/videos/${redirected}`;
      sandbox.setFault(
        always([redirected], undefined, {
          kind: 'answer',
          acts: false,
          status,
          headers: { Location: location },
        }),
      );
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      const read = await post({
        query: '{ video(id: $id) { id } }'.replace('$id', JSON.stringify(redirected)),
      });

      const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [redirected] });
      expect(told).toEqual(['VideoRemoved', 'OUTCOME_UNKNOWN']);
      expect(read.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
      expect(elsewhere.requests).toEqual([]);
      expect(countEach(sandbox, [redirected], 'DELETE')[0]).toBeLessThanOrEqual(3);
    },
  );

  test('shows the API key to no redirect either', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(2);
    await using elsewhere = await startSandbox();
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    sandbox.setFault(({ kind }) =>
      kind === 'auth'
        ? {
            kind: 'answer',
            acts: false,
            status: 307,
            headers: { Location: `${elsewhere.url}/auth/api-key` },
          }
        : undefined,
    );
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
    expect(elsewhere.requests).toEqual([]);
  });
});
