import { describe, expect, test } from 'vitest';
import type { Fault, SandboxRequest } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { always, countEach, DIALECTS, inTurn } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const TIMEOUT_MS = 1_000;
const env = { UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS) };
const SLOW = 60_000;

/** Silent for longer than the gateway waits, and done all the same. */
const later = (actsAfterMs: number): Fault => ({ kind: 'hang', acts: true, actsAfterMs });

describe.each(DIALECTS)(
  'upstream acts after the time-out, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test.each([TIMEOUT_MS + 100, TIMEOUT_MS + 700])(
      'tells one true outcome of a deletion %d ms late',
      { timeout: SLOW },
      async (ms) => {
        const { videos, ids } = createVideos(4);
        await using started = await startTestGateway({ dialect, videos, env });
        const { sandbox, execute } = started;
        // The first one proves that removing is restorable, so that the others go side by side.
        sandbox.setFault(inTurn(ids.slice(1), 'DELETE', [later(ms)]));
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

        expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
        expect(Math.max(...countEach(sandbox, ids, 'DELETE'))).toBeLessThanOrEqual(3);
        expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
      },
    );

    test.each([TIMEOUT_MS + 100, TIMEOUT_MS + 700])(
      'tells one true outcome of a restore %d ms late',
      { timeout: SLOW },
      async (ms) => {
        const { videos, ids } = createRemovedVideos(4);
        await using started = await startTestGateway({ dialect, videos, env });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids, 'PATCH', [later(ms)]));
        const before = rememberStates(sandbox, ids);

        const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

        expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
      },
    );

    test('promises nothing of a deletion that may still take effect', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(2);
      await using started = await startTestGateway({ dialect, videos, env: { UPSTREAM_TIMEOUT_MS: '500' } });
      const { sandbox, execute } = started;
      sandbox.setFault(always(ids, 'DELETE', later(30_000)));

      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 6 } });

      // What was not sent is the only thing that anything can be said of.
      const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
      const sent = countEach(sandbox, ids, 'DELETE');
      expect(told).toEqual(sent.map((count) => (count > 0 ? 'OUTCOME_UNKNOWN' : 'NOT_ATTEMPTED')));
      expect(told).toContain('OUTCOME_UNKNOWN');
      expect(Math.max(...countEach(sandbox, ids, 'DELETE'))).toBeLessThanOrEqual(3);
    });

    // What is sent again where the first one may still act is a second deletion, and there it destroys.
    test.each(['probe', 'on'])(
      'never destroys by sending a late deletion again (VIDEO_RESTORE=%s)',
      { timeout: SLOW },
      async (setting) => {
        const { videos, ids } = createVideos(3);
        await using started = await startTestGateway({
          dialect,
          videos,
          secondDelete: 'destroys',
          env: { ...env, VIDEO_RESTORE: setting },
        });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids, 'DELETE', [later(TIMEOUT_MS + 150)]));
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

        expect(ids.map((id) => sandbox.state(id))).not.toContain('absent');
        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
      },
    );

    test.each<[string, Fault]>([
      ['of which nothing was heard', later(TIMEOUT_MS + 4_000)],
      ['that something gave up waiting for', { kind: 'answer', acts: false, status: 504 }],
      ['that was answered with a 500', { kind: 'answer', acts: false, status: 500 }],
    ])(
      'sends no second deletion with the next call, after one %s',
      { timeout: SLOW },
      async (_name, fault) => {
        const { videos, ids } = createVideos(1);
        const [id = ''] = ids;
        await using started = await startTestGateway({
          dialect,
          videos,
          secondDelete: 'destroys',
          upstreamLagMs: 300,
          env: { ...env, VIDEO_RESTORE: 'on' },
        });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids, 'DELETE', [fault]));

        const first = await execute(DeleteVideosDocument, { ids });
        await execute(RestoreVideosDocument, { ids });
        const second = await execute(DeleteVideosDocument, { ids });
        const stateThen = sandbox.state(id);
        if (fault.kind === 'hang') await eventually(() => expect(sandbox.state(id)).toBe('removed'));

        expect(first.deleteVideos?.results).toMatchObject([{ retryable: true }]);
        const retryAfterSeconds: unknown = expect.toSatisfy((wait: number) => wait > 150 && wait <= 180);
        const message: unknown = expect.stringContaining('an earlier deletion of it may still take effect');
        const waits = { code: 'NOT_ATTEMPTED', message, retryable: true, retryAfterSeconds };
        expect(second.deleteVideos?.results).toMatchObject([waits]);
        expect(stateThen).toBe('live');
        expect(countEach(sandbox, ids, 'DELETE')).toEqual([1]);
      },
    );

    test('repeats nothing under ALLOW where a second DELETE destroys, though one was just seen to destroy', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(2);
      const [destroyed = '', lost = ''] = ids;
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { ...env, VIDEO_RESTORE: 'on' },
        videoRestore: false,
        secondDelete: 'destroys',
        upstreamLagMs: 300,
      });
      const { sandbox, execute } = started;
      const options = { ifPermanent: 'ALLOW' } as const;
      const first = await execute(DeleteVideosDocument, { ids: [destroyed], options });
      sandbox.videoRestore = true;
      sandbox.setFault(inTurn([lost], 'DELETE', [later(TIMEOUT_MS + 1_500)]));

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [lost], options });
      await eventually(() => expect(sandbox.state(lost)).toBe('removed'));

      expect(first.deleteVideos?.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);
      expect(deleteVideos?.results).toMatchObject([{ code: 'OUTCOME_UNKNOWN' }]);
      expect(countEach(sandbox, [lost], 'DELETE')).toEqual([1]);
    });

    test('does not probe again and again for others while a repeat is under way', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(2);
      const [lost = '', other = ''] = ids;
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { UPSTREAM_TIMEOUT_MS: '4000', VIDEO_RESTORE: 'on' },
        upstreamLagMs: 300,
      });
      const { sandbox, execute } = started;
      const hangs: Fault = { kind: 'hang', acts: false };
      sandbox.setFault(inTurn([lost], 'DELETE', [{ kind: 'reset', acts: false }, hangs]));

      const repeated = execute(DeleteVideosDocument, { ids: [lost] });
      await eventually(() => expect(countEach(sandbox, [lost], 'DELETE')).toEqual([2]));
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [other] });
      await repeated;

      expect(deleteVideos?.results).toMatchObject([{ __typename: 'VideoRemoved' }]);
      const isProbes = ({ kind, videoId = '' }: SandboxRequest) => kind === 'write' && !ids.includes(videoId);
      // It is created and deleted twice, and perhaps restored and deleted once more.
      expect(sandbox.requests.filter(isProbes).length).toBeLessThanOrEqual(5);
    });
  },
);
