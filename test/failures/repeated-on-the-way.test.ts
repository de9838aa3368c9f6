// A proxy on the way sends a DELETE again whose connection broke, as many do. The first one has acted, and the gateway gets
// the answer to the second one: a 404, in api.video's own problem document.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS, inTurn } from '../support/plan-faults.ts';
import { toProblem } from '../support/problem.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const upstreamLagMs = 500;
const REPEATED: Fault = {
  kind: 'answer',
  acts: true,
  status: 404,
  headers: { 'Content-Type': 'application/json' },
  body: toProblem(404, 'resource-not-found'),
};

describe.each(DIALECTS)(
  'a DELETE repeated on the way, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test.each([
      ['REFUSE', 'on'],
      ['REFUSE', 'probe'],
      ['ALLOW', 'probe'],
    ] as const)(
      'has removed its video (%s, VIDEO_RESTORE=%s)',
      { timeout: SLOW },
      async (ifPermanent, setting) => {
        const { videos, ids } = createVideos(3);
        const env = { VIDEO_RESTORE: setting };
        await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
        const { sandbox, execute } = started;
        sandbox.setFault(inTurn(ids.slice(1), 'DELETE', [REPEATED]));

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { ifPermanent } });

        // Whether by this call cannot be told: api.video says the same if somebody else was a moment earlier.
        const removed = { __typename: 'VideoRemoved' };
        expect(deleteVideos?.results).toMatchObject(ids.map(() => removed));
        expect(countEach(sandbox, ids, 'DELETE')).toEqual([1, 1, 1]);
      },
    );

    test('has destroyed its video, if Video Restore is off', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(2);
      await using started = await startTestGateway({ dialect, videos, upstreamLagMs, videoRestore: false });
      const { sandbox, execute } = started;
      sandbox.setFault(inTurn(ids, 'DELETE', [REPEATED]));

      const options = { ifPermanent: 'ALLOW' } as const;
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options });

      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ __typename: 'VideoDestroyed' })));
    });

    test('counts as unproved, so that few are lost to a switch-off', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(40);
      const env = { VIDEO_RESTORE: 'on' };
      await using started = await startTestGateway({
        dialect,
        videos,
        upstreamLagMs,
        env,
        videoRestore: false,
      });
      const { sandbox, execute } = started;
      sandbox.setFault(always(ids, 'DELETE', REPEATED));

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      const gone = ids.filter((id) => sandbox.state(id) === 'absent');
      expect(gone.length).toBe(1);
      const told = deleteVideos?.results.filter((each) => 'code' in each && each.code === 'DESTROYED');
      expect(told).toHaveLength(1);
    });
  },
);
