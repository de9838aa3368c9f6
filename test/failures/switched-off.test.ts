import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, DeleteVideosLeanDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createVideos } from '../support/create-videos.ts';
import { DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 90_000;
const CONCURRENCY = 4;
/** The most videos that a switch-off in the middle of a call can cost, by docs/permanent-deletion.md. */
const WINDOW = 2 * CONCURRENCY;

const DOCUMENTS = { full: DeleteVideosDocument, lean: DeleteVideosLeanDocument } as const;

describe.each(DIALECTS)(
  'Video Restore is switched off, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test('before a call that probes: costs no video', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(30);
      await using started = await startTestGateway({ dialect, videos, videoRestore: false });
      const { sandbox, execute } = started;
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'PERMANENT_DELETION_REFUSED'));
    });

    test.each(['full', 'lean'] as const)(
      'before a call of a deployment that says it is on: costs one video (%s)',
      { timeout: SLOW },
      async (which) => {
        const { videos, ids } = createVideos(30);
        await using started = await startTestGateway({
          dialect,
          videos,
          videoRestore: false,
          env: { VIDEO_RESTORE: 'on' },
        });
        const { sandbox, execute } = started;
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DOCUMENTS[which], { ids });

        expect(assertTrue(sandbox, before, deleteVideos)).toEqual([
          'DESTROYED',
          ...ids.slice(1).map(() => 'PERMANENT_DELETION_REFUSED'),
        ]);
      },
    );

    test.each(['full', 'lean'] as const)(
      'before a call, and reads that lag still show the destroyed one as live: costs one video (%s)',
      { timeout: SLOW },
      async (which) => {
        const { videos, ids } = createVideos(30);
        await using started = await startTestGateway({
          dialect,
          videos,
          videoRestore: false,
          lagMs: 1_000,
          env: { VIDEO_RESTORE: 'on' },
        });
        const { sandbox, execute } = started;
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DOCUMENTS[which], { ids });

        expect(assertTrue(sandbox, before, deleteVideos)).toEqual([
          'DESTROYED',
          ...ids.slice(1).map(() => 'PERMANENT_DELETION_REFUSED'),
        ]);
      },
    );

    test.each([0, 1, 2])(
      'before a call that has no time to wait for lagging reads (%i s): costs at most one video',
      { timeout: SLOW },
      async (waitSeconds) => {
        const { videos, ids } = createVideos(30);
        await using started = await startTestGateway({
          dialect,
          videos,
          videoRestore: false,
          lagMs: 1_500,
          env: { VIDEO_RESTORE: 'on', UPSTREAM_TIMEOUT_MS: '500' },
        });
        const { sandbox, execute } = started;
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds } });

        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
        expect(ids.filter((id) => sandbox.state(id) === 'absent').length).toBeLessThanOrEqual(1);
      },
    );

    test('in the middle of a call, with reads that lag: costs at most the window', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(120);
      await using started = await startTestGateway({
        dialect,
        videos,
        lagMs: 500,
        latencyMs: 5,
        env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
      });
      const { sandbox, execute } = started;
      let deletions = 0;
      sandbox.setFault((request) => {
        if (isOf(request, ids, 'DELETE')) {
          deletions += 1;
          if (deletions === 21) sandbox.videoRestore = false;
        }
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids });

      const told = assertTrue(sandbox, before, deleteVideos);
      expect(told.filter((each) => each === 'DESTROYED').length).toBeLessThanOrEqual(WINDOW);
      expect(told).toContain('PERMANENT_DELETION_REFUSED');
    });

    test('two seconds after a call: costs one video', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(30);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      await execute(DeleteVideosDocument, { ids: ids.slice(0, 5) });
      await setTimeout(2_100);
      const rest = ids.slice(5);
      sandbox.videoRestore = false;
      const before = rememberStates(sandbox, rest);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: rest });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual([
        'DESTROYED',
        ...rest.slice(1).map(() => 'PERMANENT_DELETION_REFUSED'),
      ]);
    });

    test('right after a call: costs at most one more than it saw to be restorable', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(60);
      await using started = await startTestGateway({ dialect, videos });
      const { sandbox, execute } = started;
      await execute(DeleteVideosDocument, { ids: ids.slice(0, 3) });
      sandbox.videoRestore = false;
      const rest = ids.slice(3);
      const before = rememberStates(sandbox, rest);

      const answers = await Promise.all(rest.map((id) => execute(DeleteVideosDocument, { ids: [id] })));

      const results = answers.flatMap(({ deleteVideos }) => deleteVideos?.results ?? []);
      const told = assertTrue(sandbox, before, { results });
      const destroyed = told.filter((each) => each === 'DESTROYED').length;
      expect(destroyed).toBeGreaterThan(0);
      expect(destroyed).toBeLessThanOrEqual(3 + 1);
      expect(told.filter((each) => each !== 'DESTROYED' && each !== 'PERMANENT_DELETION_REFUSED')).toEqual(
        [],
      );
    });

    test.each([
      ['full', 1],
      ['full', 20],
      ['lean', 1],
      ['lean', 20],
      ['lean', 60],
    ] as const)(
      'in the middle of a %s call, after %i deletions: costs at most the window, told as DESTROYED',
      { timeout: SLOW },
      async (which, after) => {
        const { videos, ids } = createVideos(120);
        await using started = await startTestGateway({
          dialect,
          videos,
          latencyMs: 5,
          env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
        });
        const { sandbox, execute } = started;
        let deletions = 0;
        sandbox.setFault((request) => {
          if (isOf(request, ids, 'DELETE')) {
            deletions += 1;
            if (deletions === after + 1) sandbox.videoRestore = false;
          }
          return undefined;
        });
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DOCUMENTS[which], { ids });

        const told = assertTrue(sandbox, before, deleteVideos);
        const destroyed = told.filter((each) => each === 'DESTROYED').length;
        expect(destroyed).toBeGreaterThan(0);
        expect(destroyed).toBeLessThanOrEqual(WINDOW);
        expect(told).toContain('PERMANENT_DELETION_REFUSED');
        expect(told).toContain('VideoRemoved');
      },
    );

    test.each<[string, Fault]>([
      ['reset', { kind: 'reset', acts: true }],
      ['502', { kind: 'answer', acts: true, status: 502, body: 'Bad gateway' }],
    ])(
      'in the middle of a call whose answers are lost as well: costs at most the window (%s)',
      { timeout: SLOW },
      async (_name, fault) => {
        const { videos, ids } = createVideos(120);
        await using started = await startTestGateway({
          dialect,
          videos,
          env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
        });
        const { sandbox, execute } = started;
        let deletions = 0;
        sandbox.setFault((request) => {
          if (!isOf(request, ids, 'DELETE')) return undefined;
          deletions += 1;
          if (deletions === 10) sandbox.videoRestore = false;
          return deletions >= 10 ? fault : undefined;
        });
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
        const destroyed = ids.filter((id) => sandbox.state(id) === 'absent').length;
        expect(destroyed).toBeLessThanOrEqual(WINDOW);
      },
    );

    test('under ALLOW in the middle of a call: tells which are removed and which are destroyed', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(60);
      await using started = await startTestGateway({
        dialect,
        videos,
        latencyMs: 5,
        env: { UPSTREAM_CONCURRENCY: String(CONCURRENCY) },
      });
      const { sandbox, execute } = started;
      let deletions = 0;
      sandbox.setFault((request) => {
        if (isOf(request, ids, 'DELETE')) {
          deletions += 1;
          if (deletions === 30) sandbox.videoRestore = false;
        }
        return undefined;
      });
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosLeanDocument, {
        ids,
        options: { ifPermanent: 'ALLOW' },
      });

      expect(new Set(assertTrue(sandbox, before, deleteVideos))).toEqual(
        new Set(['VideoRemoved', 'VideoDestroyed']),
      );
    });

    test('and on again: refuses for a minute still, and destroys nothing', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(6);
      await using started = await startTestGateway({
        dialect,
        videos,
        videoRestore: false,
        env: { VIDEO_RESTORE: 'on' },
      });
      const { sandbox, execute } = started;
      await execute(DeleteVideosDocument, { ids: ids.slice(0, 3) });
      sandbox.videoRestore = true;
      const rest = ids.slice(3);
      const before = rememberStates(sandbox, rest);

      // A refutation holds for a minute, so that 1,000 calls do not cost 1,000 videos.
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: rest });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(rest.map(() => 'PERMANENT_DELETION_REFUSED'));
    });
  },
);
