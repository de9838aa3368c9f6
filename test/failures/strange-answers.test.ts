import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS, inTurn } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
/** The sandbox shows every write at once, so that waiting longer shows nothing else. */
const upstreamLagMs = 500;
const MARKUP = '<html><body><h1>It works!</h1></body></html>';
const HTML = { 'Content-Type': 'text/html' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

const answer = (status: number, body: string, headers: Record<string, string> = JSON_TYPE): Fault => ({
  kind: 'answer',
  acts: false,
  status,
  headers,
  body,
});

/** Answers that say nothing of any video, whatever their status claims. */
const STRANGE: readonly [string, Fault][] = [
  ['200 with an HTML page', answer(200, MARKUP, HTML)],
  ['200 with nothing', answer(200, '')],
  ['200 with half its JSON', { kind: 'truncate', acts: false }],
  ['200 with null', answer(200, 'null')],
  ['200 with an empty object', answer(200, '{}')],
  ['200 with an empty list', answer(200, '[]')],
  ['200 with a list and no pagination', answer(200, '{"data":[]}')],
  ['200 with a list of nothings', answer(200, '{"data":[null],"pagination":{"itemsTotal":1}}')],
  ['200 with JSON in an unknown encoding', answer(200, '{}', { 'Content-Encoding': 'zstd' })],
  ['200 with a broken gzip', answer(200, 'no gzip', { 'Content-Encoding': 'gzip' })],
  ['404 with an HTML page', answer(404, MARKUP, HTML)],
  ['404 with nothing', answer(404, '')],
  ['404 with the JSON of a proxy', answer(404, '{"message":"no Route matched with those values"}')],
  ['206 with part of it', answer(206, '{"data":[')],
];

describe.each(DIALECTS)(
  'answers that are not upstream’s, in the %s dialect',
  { concurrent: true },
  (dialect) => {
    test.each(STRANGE)(
      '%s to a DELETE is no word about the video',
      { timeout: SLOW },
      async (_name, fault) => {
        const { videos, ids } = createVideos(2);
        const [odd = '', fine = ''] = ids;
        await using started = await startTestGateway({ dialect, videos, upstreamLagMs });
        const { sandbox, execute } = started;
        sandbox.setFault(always([odd], 'DELETE', fault));
        const before = rememberStates(sandbox, ids);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [odd, fine] });

        const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [odd] });
        expect(told[0]).not.toBe('NOT_FOUND');
        expect(told[1]).toBe('VideoRemoved');
        expect(JSON.stringify(deleteVideos)).not.toMatch(/<html|It works/);
        expect(countEach(sandbox, [odd], 'DELETE')[0]).toBeLessThanOrEqual(3);
      },
    );

    test.each(STRANGE)(
      '%s to every request on a video is never NOT_FOUND, and never null',
      { timeout: SLOW },
      async (_name, fault) => {
        const { videos, ids } = createVideos(1);
        const { videos: removed, ids: removedIds } = createRemovedVideos(1);
        const [id = ''] = ids;
        await using started = await startTestGateway({
          dialect,
          videos: [...videos, ...removed],
          upstreamLagMs,
        });
        const { sandbox, execute, post } = started;
        sandbox.setFault(always([...ids, ...removedIds], undefined, fault));
        const before = rememberStates(sandbox, ids);
        const removedBefore = rememberStates(sandbox, removedIds);

        const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 5 } });
        const { restoreVideos } = await execute(RestoreVideosDocument, {
          ids: removedIds,
          options: { waitSeconds: 5 },
        });
        const read = await post({ query: `{ video(id: "${id}") { id } nodes(ids: ["${id}"]) { id } }` });

        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
        assertTrue(sandbox, removedBefore, restoreVideos, { mayBeUnknown: removedIds });
        expect(read.errors.length).toBeGreaterThan(0);
        for (const { extensions } of read.errors)
          expect(extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
        expect(JSON.stringify(read)).not.toMatch(/<html|It works|no Route/);
      },
    );

    test.each(STRANGE)(
      '%s in place of a list is an error, never an empty list',
      { timeout: SLOW },
      async (_name, fault) => {
        const { videos } = createVideos(3);
        await using started = await startTestGateway({ dialect, videos, upstreamLagMs });
        const { sandbox, post } = started;
        sandbox.setFault(({ videoId, kind }) =>
          kind === 'read' && videoId === undefined ? fault : undefined,
        );

        const live = await post({ query: '{ videos { totalCount nodes { id } } }' });
        const removed = await post({ query: '{ removedVideos { totalCount nodes { id } } }' });

        for (const each of [live, removed]) {
          expect(each.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
          expect(JSON.stringify(each)).not.toMatch(/<html|It works|no Route/);
        }
      },
    );

    test('never calls removed what was answered 204 and is still live', { timeout: SLOW }, async () => {
      const { videos, ids } = createVideos(3);
      const [liar = '', ...rest] = ids;
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { UPSTREAM_TIMEOUT_MS: '1000' },
      });
      const { sandbox, execute } = started;
      // The first proves that removing is restorable; the lie comes after it.
      sandbox.setFault(always([liar], 'DELETE', { kind: 'answer', acts: false, status: 204 }));
      const order = [...rest, liar];
      const before = rememberStates(sandbox, order);

      const { deleteVideos } = await execute(DeleteVideosDocument, {
        ids: order,
        options: { waitSeconds: 10 },
      });

      const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [liar] });
      expect(told.at(-1)).toBe('OUTCOME_UNKNOWN');
      expect(countEach(sandbox, [liar], 'DELETE')).toEqual([1]);
    });

    test('goes on one at a time, and not for long, where the very first 204 did nothing', {
      timeout: SLOW,
    }, async () => {
      const { videos, ids } = createVideos(20);
      await using started = await startTestGateway({
        dialect,
        videos,
        env: { UPSTREAM_TIMEOUT_MS: '1000', VIDEO_RESTORE: 'on' },
      });
      const { sandbox, execute } = started;
      sandbox.setFault(always(ids, 'DELETE', { kind: 'answer', acts: false, status: 204 }));
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 2 } });

      const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
      expect(told[0]).toBe('OUTCOME_UNKNOWN');
      expect(told.filter((name) => name !== 'OUTCOME_UNKNOWN' && name !== 'NOT_ATTEMPTED')).toEqual([]);
      expect(told.filter((name) => name === 'OUTCOME_UNKNOWN').length).toBeLessThanOrEqual(5);
      expect(Math.max(...countEach(sandbox, ids, 'DELETE'))).toBe(1);
    });

    test('does not believe a restore whose body names another video', { timeout: SLOW }, async () => {
      const { videos, ids } = createRemovedVideos(2);
      const [odd = ''] = ids;
      await using started = await startTestGateway({ dialect, videos, upstreamLagMs });
      const { sandbox, execute } = started;
      sandbox.setFault(
        inTurn([odd], 'PATCH', [answer(200, '{"videoId":"viSomebodyElse","title":"Not it"}')]),
      );
      const before = rememberStates(sandbox, ids);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

      assertTrue(sandbox, before, restoreVideos, { mayBeUnknown: [odd] });
    });
  },
);

// One after the other, as they take the machine to themselves or look at its memory.
describe('bodies without end', { concurrent: false }, () => {
  test('drips are cut at the time-out of the whole request', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({
      videos,
      env: { UPSTREAM_TIMEOUT_MS: '500' },
    });
    const { sandbox, execute, post } = started;
    sandbox.setFault(always(ids, undefined, { kind: 'drip', everyMs: 100 }));
    const before = rememberStates(sandbox, ids);
    const begun = performance.now();

    const read = await post({ query: `{ video(id: "${ids[0]}") { id } }` });
    const took = performance.now() - begun;
    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 3 } });

    expect(read.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    // One byte every 100 ms would be more than a minute.
    expect(took).toBeLessThan(15_000);
    assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
  });

  test('a gzip bomb does not unfold in memory', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, post } = started;
    sandbox.setFault(always(ids, 'GET', { kind: 'gzip-bomb', megabytes: 1_500 }));
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);

    const read = await post({ query: `{ video(id: "${ids[0]}") { id } }` });
    clearInterval(watch);

    expect(read.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    expect((peak - before) / 1024 / 1024).toBeLessThan(300);
  });

  test('a bomb of gzip for an answer to a write is a lost answer', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(2);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    sandbox.setFault(
      inTurn(ids, 'DELETE', [
        { kind: 'answer', acts: true, status: 500, headers: { 'Content-Encoding': 'gzip' }, body },
      ]),
    );
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(countEach(sandbox, ids, 'DELETE')).toEqual([1, 1]);
  });
});
