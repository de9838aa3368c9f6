import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, DeleteVideosLeanDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const DIALECTS = ['discarded', 'removed'] as const;

describe.each(DIALECTS)('deleteVideos against the %s dialect', (dialect) => {
  test('removes each video and answers it in the order given', async () => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({ dialect, videos });
    const { sandbox, execute } = started;
    const reversed = ids.toReversed();

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids: reversed });

    expect(deleteVideos?.results.map(({ videoId }) => videoId)).toEqual(reversed);
    for (const result of deleteVideos?.results ?? []) {
      expect(result).toMatchObject({
        __typename: 'VideoRemoved',
        alreadyRemoved: false,
        video: { id: result.videoId, removed: true, assets: null, deletesAt: expect.stringMatching(/Z$/) },
      });
    }
    expect(deleteVideos?.summary).toMatchObject({ requested: 5, succeeded: 5, failed: 0, pending: 0 });
    expect(deleteVideos?.userErrors).toEqual([]);
    expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'removed'));
  });

  test('sends one DELETE for an id given twice', async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ dialect, videos });
    const { calls, execute } = started;

    const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids: [...ids, ...ids.toReversed()] });

    expect(deleteVideos?.results.map(({ videoId }) => videoId)).toEqual(ids);
    const deletes = calls(ids).filter((call) => call.startsWith('DELETE'));
    expect(deletes.sort()).toEqual(ids.map((id) => `DELETE /videos/${id}`).sort());
  });

  test('answers one that is removed already as removed, and never deletes it a second time where that destroys', async () => {
    const { videos, ids } = createRemovedVideos(3);
    await using started = await startTestGateway({ dialect, videos, secondDelete: 'destroys' });
    const { sandbox, calls, execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(deleteVideos?.results).toMatchObject(
      ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId, alreadyRemoved: true })),
    );
    expect(calls(ids).filter((call) => call.startsWith('DELETE'))).toEqual([]);
    expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed', 'removed']);
  });

  test('says NOT_FOUND for one that is neither live nor removed, and deletes the others', async () => {
    const { videos, ids } = createVideos(2);
    await using started = await startTestGateway({ dialect, videos });
    const { execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, {
      ids: [ids[0] ?? '', 'viNowhere', ids[1] ?? ''],
    });

    expect(deleteVideos?.results).toMatchObject([
      { __typename: 'VideoRemoved' },
      { __typename: 'VideoFailure', videoId: 'viNowhere', code: 'NOT_FOUND', retryable: false },
      { __typename: 'VideoRemoved' },
    ]);
    expect(deleteVideos?.summary).toMatchObject({ requested: 3, succeeded: 2, failed: 1 });
  });

  test('deletes nothing of the caller under REFUSE where Video Restore is off', async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({ dialect, videos, videoRestore: false });
    const { sandbox, calls, execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(deleteVideos?.results).toMatchObject(
      ids.map(() => ({ __typename: 'VideoFailure', code: 'PERMANENT_DELETION_REFUSED', retryable: false })),
    );
    expect(calls(ids)).toEqual([]);
    expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'live'));
  });

  test('destroys under ALLOW where Video Restore is off, says so, and probes nothing', async () => {
    const { videos, ids } = createVideos(4);
    await using started = await startTestGateway({ dialect, videos, videoRestore: false });
    const { sandbox, execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });

    expect(deleteVideos?.results).toMatchObject(
      ids.map((videoId) => ({ __typename: 'VideoDestroyed', videoId })),
    );
    expect(ids.map((id) => sandbox.state(id))).toEqual(ids.map(() => 'absent'));
    expect(sandbox.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      '/auth/api-key',
    ]);
  });

  test('removes under ALLOW where Video Restore is on', async () => {
    const { videos, ids } = createVideos(4);
    await using started = await startTestGateway({ dialect, videos });
    const { execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });

    expect(deleteVideos?.results).toMatchObject(
      ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId })),
    );
  });
});

test('lets the deployment allow permanent deletion where the call does not say, and the call refuse it all the same', async () => {
  const { videos, ids } = createVideos(2);
  const [first = '', second = ''] = ids;
  await using started = await startTestGateway({
    videos,
    videoRestore: false,
    env: { PERMANENT_DELETION: 'allow' },
  });
  const { execute } = started;

  const refused = await execute(DeleteVideosLeanDocument, {
    ids: [first],
    options: { ifPermanent: 'REFUSE' },
  });
  const allowed = await execute(DeleteVideosLeanDocument, { ids: [second] });

  expect(refused.deleteVideos?.results).toMatchObject([{ code: 'PERMANENT_DELETION_REFUSED' }]);
  expect(allowed.deleteVideos?.results).toMatchObject([{ __typename: 'VideoDestroyed' }]);
});

test('refuses without a word to upstream where the deployment says that Video Restore is off', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ videos, env: { VIDEO_RESTORE: 'off' } });
  const { sandbox, execute } = started;

  const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids });

  expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ code: 'PERMANENT_DELETION_REFUSED' })));
  expect(sandbox.requests).toEqual([]);
});

test('needs no probe where the deployment says that Video Restore is on', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await startTestGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const { sandbox, execute } = started;

  const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids });

  expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ __typename: 'VideoRemoved' })));
  expect(sandbox.requests.filter(({ method, path }) => method === 'POST' && path === '/videos')).toEqual([]);
});

test('probes once, however many calls begin at the same moment', async () => {
  const { videos, ids } = createVideos(6);
  await using started = await startTestGateway({ videos });
  const { sandbox, execute } = started;

  const answers = await Promise.all(ids.map((id) => execute(DeleteVideosLeanDocument, { ids: [id] })));

  expect(answers.flatMap(({ deleteVideos }) => deleteVideos?.results ?? [])).toMatchObject(
    ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId })),
  );
  expect(sandbox.requests.filter(({ method, path }) => method === 'POST' && path === '/videos')).toHaveLength(
    1,
  );
});

test('needs no read for `video { id removed }` beyond those that verify', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { calls, execute } = started;

  const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids });

  expect(deleteVideos?.results).toMatchObject([{ video: { id: ids[0], removed: true } }]);
  expect(calls(ids)).toEqual([`DELETE /videos/${ids[0]}`, `GET /discarded/videos/${ids[0]}`]);
});

test('keeps to the concurrency of writes that is configured', async () => {
  const { videos, ids } = createVideos(60);
  await using started = await startTestGateway({ videos, env: { UPSTREAM_CONCURRENCY: '7' } });
  const { sandbox, execute } = started;
  let most = 0;
  sandbox.setFault(({ kind }) => {
    if (kind !== 'write') return undefined;
    const open = sandbox.requests.filter((each) => each.kind === 'write' && each.status === undefined);
    most = Math.max(most, open.length);
    // Long enough for the others to arrive, also on a busy machine.
    return most < 7 ? { kind: 'delay', ms: 200 } : undefined;
  });

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

  expect(deleteVideos?.summary.succeeded).toBe(60);
  expect(most).toBe(7);
});

test('deletes, restores and deletes one video in one request, in that order', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { sandbox, calls, post } = started;

  const answer = await post({
    query: `mutation ($ids: [ID!]!) {
      first: deleteVideos(ids: $ids) { results { __typename } }
      second: restoreVideos(ids: $ids) { results { __typename } }
      third: deleteVideos(ids: $ids) { results { __typename } }
    }`,
    variables: { ids },
  });

  expect(answer.data).toEqual({
    first: { results: [{ __typename: 'VideoRemoved' }] },
    second: { results: [{ __typename: 'VideoRestored' }] },
    third: { results: [{ __typename: 'VideoRemoved' }] },
  });
  const [id] = ids;
  expect(calls(ids).filter((call) => !call.startsWith('GET'))).toEqual([
    `DELETE /videos/${id}`,
    `PATCH /discarded/videos/${id}`,
    `DELETE /videos/${id}`,
  ]);
  expect(sandbox.state(id ?? '')).toBe('removed');
});

test('does not take a lagging read for the word on a video that it has just restored', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos, lagMs: 400, env: { VIDEO_RESTORE: 'on' } });
  const { sandbox, post } = started;

  const answer = await post({
    query: `mutation ($ids: [ID!]!) {
      first: deleteVideos(ids: $ids) { results { __typename } }
      second: restoreVideos(ids: $ids) { results { __typename } }
      third: deleteVideos(ids: $ids) { results { __typename ... on VideoRemoved { alreadyRemoved } } }
    }`,
    variables: { ids },
  });

  expect(answer.data).toMatchObject({
    third: { results: [{ __typename: 'VideoRemoved', alreadyRemoved: false }] },
  });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed']);
});
