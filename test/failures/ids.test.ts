import { describe, expect, test } from 'vitest';
import {
  DeleteVideosDocument,
  DeleteVideosLeanDocument,
  RestoreVideosDocument,
} from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, countEach, DIALECTS } from '../support/plan-faults.ts';
import { toProblem } from '../support/problem.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;

const IMPOSSIBLE = [
  '..',
  '../..',
  '/',
  '%2e%2e',
  '%2E%2E%2Fauth',
  'vi\r\nX-Evil: 1',
  'vi\u0000',
  'vi?removed=true',
  'vi#',
  ' ',
  '',
  'a'.repeat(10_000),
];

describe.each(DIALECTS)('odd ids, in the %s dialect', { concurrent: true }, (dialect) => {
  test.each([0, 2])(
    'one id that always answers 500 fails alone, wherever it stands (%i)',
    { timeout: SLOW },
    async (at) => {
      const { videos, ids } = createVideos(6);
      const { videos: removed, ids: removedIds } = createRemovedVideos(6);
      const bad = [ids[at] ?? '', removedIds[at] ?? ''];
      await using started = await startTestGateway({ dialect, videos: [...videos, ...removed] });
      const { sandbox, execute } = started;
      sandbox.setFault(always(bad, undefined, { kind: 'answer', acts: false, status: 500, body: '{}' }));
      const before = rememberStates(sandbox, ids);
      const removedBefore = rememberStates(sandbox, removedIds);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      const { restoreVideos } = await execute(RestoreVideosDocument, { ids: removedIds });

      // Its reads fail as well, so that nothing is known of it once it was sent.
      const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: bad });
      const restored = assertTrue(sandbox, removedBefore, restoreVideos, { mayBeUnknown: bad });
      expect(told.toSpliced(at, 1)).toEqual(ids.slice(1).map(() => 'VideoRemoved'));
      expect(restored.toSpliced(at, 1)).toEqual(ids.slice(1).map(() => 'VideoRestored'));
      expect(['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN']).toContain(told[at]);
      expect(['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN']).toContain(restored[at]);
      expect(countEach(sandbox, bad, 'DELETE')[0]).toBeLessThanOrEqual(3);
      expect(countEach(sandbox, bad, 'PATCH')[1]).toBeLessThanOrEqual(3);
    },
  );

  test('an id that upstream refuses is UPSTREAM_REJECTED, sent once', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(3);
    const [bad = ''] = ids;
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    sandbox.setFault(
      always([bad], 'DELETE', { kind: 'answer', acts: false, status: 422, body: toProblem(422) }),
    );
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual([
      'UPSTREAM_REJECTED',
      'VideoRemoved',
      'VideoRemoved',
    ]);
    expect(countEach(sandbox, [bad], 'DELETE')).toEqual([1]);
  });

  test('ids given many times over, in any order, are one request and one result each', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(5);
    const { videos: removed, ids: removedIds } = createRemovedVideos(5);
    await using started = await startTestGateway({ dialect, videos: [...videos, ...removed] });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);
    const removedBefore = rememberStates(sandbox, removedIds);
    const mixed = (each: readonly string[]) => [...each, ...each.toReversed(), ...each, ...each.toReversed()];

    const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids: mixed(ids) });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: mixed(removedIds) });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(assertTrue(sandbox, removedBefore, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));
    expect(countEach(sandbox, removedIds, 'PATCH')).toEqual(ids.map(() => 1));
  });

  test('ids that cannot be one reach upstream in no path, query or header', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(2);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute, post } = started;
    const all = [...IMPOSSIBLE, ...ids];
    const before = rememberStates(sandbox, all);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: all });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids: IMPOSSIBLE });
    const read = await post({
      query:
        'query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } video(id: $id) { id } node(id: $id) { id } }',
      variables: { ids: IMPOSSIBLE, id: '..' },
    });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual([
      ...IMPOSSIBLE.map(() => 'INVALID_ID'),
      ...ids.map(() => 'VideoRemoved'),
    ]);
    expect(restoreVideos?.results).toMatchObject(IMPOSSIBLE.map(() => ({ code: 'INVALID_ID' })));
    expect(read.errors).toEqual([]);
    expect(read.data).toEqual({ nodes: IMPOSSIBLE.map(() => null), video: null, node: null });
    for (const { path, headers } of sandbox.requests) {
      expect(path).toMatch(/^\/(auth\/api-key|(discarded\/)?videos(\/vi[A-Za-z0-9]{22})?)$/);
      expect(headers).not.toHaveProperty('x-evil');
    }
  });

  test('three acts on one video in one request are done in their order', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, post } = started;

    const answer = await post({
      query: `mutation ($ids: [ID!]!) {
        first: deleteVideos(ids: $ids) { results { __typename } }
        second: restoreVideos(ids: $ids) { results { __typename } }
        third: deleteVideos(ids: $ids) { results { __typename } }
      }`,
      variables: { ids },
    });

    const each = (type: string) => ({ results: ids.map(() => ({ __typename: type })) });
    expect(answer.data).toEqual({
      first: each('VideoRemoved'),
      second: each('VideoRestored'),
      third: each('VideoRemoved'),
    });
    for (const id of ids) {
      const writes = sandbox.requests.filter(({ kind, videoId }) => kind === 'write' && videoId === id);
      expect(writes.map(({ method }) => method)).toEqual(['DELETE', 'PATCH', 'DELETE']);
      expect(sandbox.state(id)).toBe('removed');
    }
  });
});

test('a body larger than the gateway takes is refused before anything is sent', {
  timeout: SLOW,
}, async () => {
  await using started = await startTestGateway();
  const { sandbox, post } = started;
  const ids = Array.from({ length: 60_000 }, (_, index) => `viTooManyIdsForOneBody${index}`);

  const { errors } = await post({
    query: 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { videoId } } }',
    variables: { ids },
  });

  expect(errors).toHaveLength(1);
  expect(sandbox.requests).toEqual([]);
});

test('more ids than MAX_IDS are refused without a request, and without growing in memory', {
  concurrent: false,
  timeout: SLOW,
}, async () => {
  await using started = await startTestGateway({ env: { MAX_IDS: '100' } });
  const { sandbox, execute } = started;
  const ids = Array.from({ length: 40_000 }, (_, index) => `viMany${index}`);
  const before = process.memoryUsage().rss;

  for (let call = 0; call < 5; call += 1) {
    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
    expect(deleteVideos).toMatchObject({ results: [], userErrors: [{ code: 'TOO_MANY_IDS' }] });
  }

  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(250);
  expect(sandbox.requests).toEqual([]);
});
