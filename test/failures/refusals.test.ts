// A refusal is api.video's word only in its own problem document. Any other is a lost answer: the gateway looks at the video,
// whether the request took effect or never arrived.
import { describe, expect, test } from 'vitest';
import type { Fault, SandboxRequest } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { always, countEach, DIALECTS, firstOf, inTurn } from '../support/plan-faults.ts';
import { toProblem } from '../support/problem.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
/** The sandbox shows every write at once, so that waiting longer shows nothing else. */
const upstreamLagMs = 500;
const env = { UPSTREAM_TIMEOUT_MS: '4000' };
const HTML = '<html><body><h1>It works!</h1></body></html>';
const SECRET = 'only-in-the-body';

const answer = (acts: boolean, status: number, body?: string): Fault => ({
  kind: 'answer',
  acts,
  status,
  headers: { 'Content-Type': body?.startsWith('{') ? 'application/json' : 'text/html' },
  ...(body === undefined ? {} : { body }),
});

/** Refusals of something in between. */
const FOREIGN: readonly [string, number, string | undefined][] = [
  ['400 in HTML', 400, HTML],
  ['403 in HTML', 403, HTML],
  ['408 in HTML', 408, HTML],
  ['409 in HTML', 409, HTML],
  ['499 in HTML', 499, HTML],
  ['503 in HTML', 503, HTML],
  ['504 in HTML', 504, HTML],
  ['524 in HTML', 524, HTML],
  ['405 with nothing', 405, undefined],
  ['410 in HTML', 410, HTML],
  ['451 with the JSON of a proxy', 451, '{"message":"Forbidden"}'],
  ['403 with another JSON of a proxy', 403, '{"error":{"code":403,"message":"blocked"}}'],
  ['403 with null', 403, 'null'],
  [
    '403 with a problem document of another maker',
    403,
    '{"type":"about:blank","title":"Forbidden","status":403}',
  ],
  ['403 with one without a type', 403, '{"title":"Forbidden","status":403}'],
  ['403 with one of a neighbour', 403, toProblem(403).replace('docs.api.video', 'api.video.example.com')],
  ['403 with the document of another status', 403, toProblem(404, 'resource-not-found')],
  ['404 with one of another maker', 404, '{"type":"about:blank","title":"Not Found","status":404}'],
];

/** Complete answers that are no refusals, and not the expected ones. */
const UNEXPECTED: readonly [string, number, string | undefined][] = [
  ['200 with nothing', 200, undefined],
  ['202 with nothing', 202, undefined],
  ['206 with half of something', 206, '{"data":['],
  ['207 in HTML', 207, HTML],
  ['302 in HTML', 302, HTML],
  ['304 with nothing', 304, undefined],
];

describe.each(DIALECTS)('in the %s dialect', { concurrent: true }, (dialect) => {
  test.each([...FOREIGN, ...UNEXPECTED])(
    '%s for writes that took effect is settled by looking',
    {
      timeout: SLOW,
    },
    async (_name, status, body) => {
      const { videos, ids } = createVideos(3);
      const { videos: removed, ids: removedIds } = createRemovedVideos(3);
      const all = [...videos, ...removed];
      await using started = await startTestGateway({ dialect, videos: all, upstreamLagMs, env });
      const { sandbox, execute } = started;
      sandbox.setFault(
        firstOf(
          inTurn(ids, 'DELETE', [answer(true, status, body)]),
          inTurn(removedIds, 'PATCH', [answer(true, status, body)]),
        ),
      );
      const before = rememberStates(sandbox, ids);
      const removedBefore = rememberStates(sandbox, removedIds);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
      expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
      expect(countEach(sandbox, ids, 'DELETE')).toEqual([1, 1, 1]);
      expect(countEach(sandbox, removedIds, 'PATCH')).toEqual([1, 1, 1]);
    },
  );

  test.each(FOREIGN)(
    '%s for writes that never arrived is never believed, and a retry is worth while',
    {
      timeout: SLOW,
    },
    async (_name, status, body) => {
      const { videos, ids } = createVideos(2);
      const { videos: removed, ids: removedIds } = createRemovedVideos(2);
      const [bad = '', fine = ''] = ids;
      const [badRemoved = ''] = removedIds;
      const all = [...videos, ...removed];
      const { logger, lines } = captureLog('info');
      await using started = await startTestGateway({ dialect, videos: all, upstreamLagMs, env, logger });
      const { sandbox, execute } = started;
      sandbox.setFault(
        firstOf(
          always([bad], 'DELETE', answer(false, status, body)),
          always([badRemoved], 'PATCH', answer(false, status, body)),
        ),
      );
      const before = rememberStates(sandbox, ids);
      const removedBefore = rememberStates(sandbox, removedIds);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [fine, bad] });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

      const order = new Map([...before].toReversed());
      const told = assertTrue(sandbox, order, deleteVideos, { mayBeUnknown: [bad] });
      const restored = assertTrue(sandbox, removedBefore, restoreVideos, { mayBeUnknown: [badRemoved] });
      // Something that gave up waiting may have passed it on.
      const code = [408, 499, 504, 524].includes(status) ? 'OUTCOME_UNKNOWN' : 'UPSTREAM_UNAVAILABLE';
      expect(told).toEqual(['VideoRemoved', code]);
      expect(restored).toEqual([code, 'VideoRestored']);
      expect(deleteVideos?.results[1]).toMatchObject({ retryable: true });
      expect(JSON.stringify([deleteVideos, restoreVideos])).not.toMatch(/html|works|Forbidden|blocked/);
      expect(countEach(sandbox, [bad], 'DELETE')).toEqual([3]);
      expect(countEach(sandbox, [badRemoved], 'PATCH')).toEqual([3]);
      const line = lines.find(({ audit, videoId }) => audit && videoId === bad);
      expect(line).toMatchObject({ outcome: code, upstreamStatus: status });
      expect(line).not.toHaveProperty('problemType');
    },
  );

  test.each([400, 403, 405, 410, 422, 408, 409, 423, 425])(
    '%i with api.video’s problem document is its word, with its title and for the log its type',
    { timeout: SLOW },
    async (status) => {
      const { videos, ids } = createVideos(2);
      const { videos: removed, ids: removedIds } = createRemovedVideos(1);
      const [bad = '', fine = ''] = ids;
      const { logger, lines, text } = captureLog('info');
      await using started = await startTestGateway({
        dialect,
        videos: [...videos, ...removed],
        upstreamLagMs,
        env,
        logger,
      });
      const { sandbox, execute } = started;
      const title = 'The video\u0000 is\n being\u202e prepared';
      const more = { title, detail: SECRET, name: SECRET, problems: [{ title: SECRET }] };
      const body = toProblem(status, 'video-not-ready', more);
      sandbox.setFault(
        firstOf(
          always([bad], 'DELETE', answer(false, status, body)),
          always(removedIds, 'PATCH', answer(false, status, body)),
        ),
      );
      const before = rememberStates(sandbox, [bad, fine]);
      const removedBefore = rememberStates(sandbox, removedIds);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [bad, fine] });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(['UPSTREAM_REJECTED', 'VideoRemoved']);
      expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(['UPSTREAM_REJECTED']);
      expect(countEach(sandbox, [bad], 'DELETE')).toEqual([1]);
      const retryable = [408, 409, 423, 425].includes(status);
      const message = `api.video rejected the request for this video: The video is being prepared. The video is unchanged.${retryable ? ' Retry later.' : ''}`;
      for (const failure of [deleteVideos?.results[0], restoreVideos?.results[0]])
        expect(failure).toMatchObject({ message, retryable });
      for (const videoId of [bad, ...removedIds]) {
        expect(lines.find((line) => line.audit && line.videoId === videoId)).toMatchObject({
          outcome: 'UPSTREAM_REJECTED',
          upstreamStatus: status,
          problemType: 'video-not-ready',
        });
      }
      expect(JSON.stringify([deleteVideos, restoreVideos]) + text()).not.toContain(SECRET);
    },
  );

  test('a 404 about the path, not the video, proves no absence', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(2);
    const [bad = '', fine = ''] = ids;
    await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env });
    const { sandbox, execute } = started;
    sandbox.setFault(always([bad], 'DELETE', answer(false, 404, toProblem(404, 'unrecognized-request-url'))));
    const before = rememberStates(sandbox, [bad, fine]);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [bad, fine] });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(['UPSTREAM_REJECTED', 'VideoRemoved']);
  });

  test('something that refuses everything ends in no loop, and is over once it is gone', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(40);
    for (const isTokenRefused of [true, false]) {
      const { logger, lines } = captureLog('info');
      await using started = await startTestGateway({ dialect, videos, upstreamLagMs, env, logger });
      const { sandbox, execute, post } = started;
      const blocked = (request: SandboxRequest) =>
        isTokenRefused || request.kind !== 'auth' ? answer(false, 403, HTML) : undefined;
      sandbox.setFault(blocked);
      const before = rememberStates(sandbox, ids);

      for (const ifPermanent of ['ALLOW', 'REFUSE'] as const) {
        const options = { waitSeconds: 3, ifPermanent };
        const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options });
        const told = new Set(assertTrue(sandbox, before, deleteVideos));
        expect([...told].filter((code) => code !== 'NOT_ATTEMPTED')).toEqual(['UPSTREAM_UNAVAILABLE']);
      }
      const read = await post({ query: `{ videos { totalCount } video(id: "${ids[0]}") { id } }` });

      expect(read.errors).toMatchObject([1, 2].map(() => ({ extensions: { code: 'UPSTREAM_UNAVAILABLE' } })));
      expect(sandbox.requests.length).toBeLessThan(150);
      // One outage, however often it is tried whether that is over.
      expect(lines.filter(({ msg }) => /api\.video (?:fails|answers)/.test(msg)).length).toBeLessThanOrEqual(
        1,
      );

      sandbox.setFault(undefined);
      await eventually(async () =>
        expect((await post({ query: '{ videos { totalCount } }' })).errors).toEqual([]),
      );
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 20 } });
      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      for (const id of ids) sandbox.restore(id);
    }
  });
});

describe('a query', () => {
  test.each([
    ['400 of something in between', 400, HTML, 'UPSTREAM_UNAVAILABLE'],
    ['403 of something in between', 403, HTML, 'UPSTREAM_UNAVAILABLE'],
    ['403 of another maker', 403, '{"type":"about:blank","status":403}', 'UPSTREAM_UNAVAILABLE'],
    ['409 of api.video', 409, toProblem(409), 'UPSTREAM_UNAVAILABLE'],
    ['400 of api.video', 400, toProblem(400), 'BAD_USER_INPUT'],
    [
      '400 of api.video without a type',
      400,
      '{"title":"Out of range.","name":"page","status":400,"problems":[{"name":"page"}]}',
      'BAD_USER_INPUT',
    ],
    ['403 of api.video', 403, toProblem(403), 'UPSTREAM_UNAUTHORIZED'],
  ])('that gets %s is answered so', async (_name, status, body, code) => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, post } = started;
    sandbox.setFault(({ kind }) => (kind === 'read' ? answer(false, status, body) : undefined));

    const { errors } = await post({ query: `{ videos { totalCount } video(id: "${ids[0]}") { id } }` });

    expect(errors).toMatchObject([1, 2].map(() => ({ extensions: { code } })));
  });

  test.each([
    ['400 of something in between', 400, HTML, 'UPSTREAM_UNAVAILABLE'],
    ['403 of something in between', 403, HTML, 'UPSTREAM_UNAVAILABLE'],
    ['401 of something in between', 401, HTML, 'UPSTREAM_UNAUTHORIZED'],
    ['400 of api.video', 400, toProblem(400), 'UPSTREAM_UNAUTHORIZED'],
    ['403 of api.video', 403, toProblem(403), 'UPSTREAM_UNAUTHORIZED'],
  ])('whose token gets %s is answered so', async (_name, status, body, code) => {
    await using started = await startTestGateway();
    const { sandbox, post } = started;
    sandbox.setFault(({ kind }) => (kind === 'auth' ? answer(false, status, body) : undefined));

    const { errors } = await post({ query: '{ videos { totalCount } }' });

    expect(errors).toMatchObject([{ extensions: { code } }]);
  });

  test.each([
    ['403 of something in between', HTML, 'UPSTREAM_UNAVAILABLE'],
    ['403 of api.video', toProblem(403), 'UNAUTHENTICATED'],
  ])('with AUTH=passthrough whose credentials get %s is answered so', async (_name, body, code) => {
    await using started = await startTestGateway({
      env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '', CORS_ORIGINS: '' },
    });
    const { sandbox, post } = started;
    sandbox.setFault(({ kind }) => (kind === 'auth' ? answer(false, 403, body) : undefined));
    const authorization = `Basic ${Buffer.from('sandbox-key:').toString('base64')}`;

    const { errors } = await post(
      { query: '{ videos { totalCount } }' },
      { headers: { 'content-type': 'application/json', authorization } },
    );

    expect(errors).toMatchObject([{ extensions: { code } }]);
  });
});
