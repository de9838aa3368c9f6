import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const NOTHING = { results: [], summary: { requested: 0, succeeded: 0, failed: 0, pending: 0 } };

describe('a call that is wrong as a whole sends nothing', () => {
  test.each([
    ['no ids', { ids: [] }, [{ code: 'NO_IDS', field: ['ids'] }]],
    ['too many ids', { ids: ['a', 'b', 'c', 'd'] }, [{ code: 'TOO_MANY_IDS', field: ['ids'] }]],
    [
      'a negative wait',
      { ids: ['a'], options: { waitSeconds: -1 } },
      [{ code: 'INVALID_ARGUMENT', field: ['options', 'waitSeconds'] }],
    ],
    ['a wait of 61 seconds', { ids: ['a'], options: { waitSeconds: 61 } }, [{ code: 'INVALID_ARGUMENT' }]],
    [
      'two faults',
      { ids: [], options: { waitSeconds: 61 } },
      [{ code: 'NO_IDS' }, { code: 'INVALID_ARGUMENT' }],
    ],
  ])('%s', async (_name, variables, userErrors) => {
    await using started = await startTestGateway({ env: { MAX_IDS: '3' } });
    const { sandbox, execute } = started;

    const { deleteVideos } = await execute(DeleteVideosDocument, variables);
    const { restoreVideos } = await execute(RestoreVideosDocument, variables);

    expect(deleteVideos).toMatchObject({ ...NOTHING, userErrors });
    expect(restoreVideos).toMatchObject({ ...NOTHING, userErrors });
    expect(sandbox.requests).toEqual([]);
  });
});

test('takes ten times MAX_IDS ids in all fields of a request, and sends nothing for those past that', async () => {
  const { videos, ids } = createVideos(22);
  await using started = await startTestGateway({ videos, env: { MAX_IDS: '2' } });
  const { post, calls } = started;
  const fields = Array.from({ length: 11 }, (_, index) => {
    const pair = JSON.stringify(ids.slice(index * 2, index * 2 + 2));
    return `call${index}: deleteVideos(ids: ${pair}) { summary { succeeded } userErrors { code message } }`;
  });

  const { data } = await post({ query: `mutation { ${fields.join(' ')} }` });

  const taken = { summary: { succeeded: 2 }, userErrors: [] };
  const message = 'Expected at most 20 ids in all fields of a request, and got more. Split the request.';
  expect(data).toEqual({
    ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`call${index}`, taken])),
    call10: { summary: { succeeded: 0 }, userErrors: [{ code: 'TOO_MANY_IDS', message }] },
  });
  expect(calls(ids.slice(20))).toEqual([]);
  expect(calls().filter((call) => ids.some((id) => call === `DELETE /videos/${id}`))).toHaveLength(20);
});

test('counts distinct ids against MAX_IDS', async () => {
  await using started = await startTestGateway({ env: { MAX_IDS: '2', VIDEO_RESTORE: 'off' } });
  const { execute } = started;

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids: ['a', 'b', 'a', 'b', 'a'] });

  expect(deleteVideos?.userErrors).toEqual([]);
  expect(deleteVideos?.summary.requested).toBe(2);
});

const IMPOSSIBLE = [
  '',
  ' ',
  '..',
  '.',
  '/',
  'vi/..',
  '../auth/api-key',
  '%2e%2e',
  'vi%00',
  'vi\u0000x',
  'vi\r\nX-Evil: 1',
  'vi?x=1',
  'vi#x',
  'vi x',
  ' vi',
  'vi-1',
  'vi_1',
  'é',
  '１２',
  'a'.repeat(65),
  'a'.repeat(10_000),
];

test.each(['DELETE', 'RESTORE'])(
  'sends nothing for what cannot be an id, and goes on with the rest (%s)',
  async (kind) => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, calls, execute } = started;
    const all = [...IMPOSSIBLE, ...ids];

    const { results = [] } =
      (kind === 'DELETE'
        ? (await execute(DeleteVideosDocument, { ids: all })).deleteVideos
        : (await execute(RestoreVideosDocument, { ids: all })).restoreVideos) ?? {};

    expect(results.slice(0, -1)).toMatchObject(
      IMPOSSIBLE.map((videoId) => ({
        __typename: 'VideoFailure',
        videoId,
        code: 'INVALID_ID',
        retryable: false,
      })),
    );
    expect(results.at(-1)?.__typename).not.toBe('VideoFailure');
    const known = new Set(sandbox.videos().map(({ videoId }) => videoId));
    expect(sandbox.requests.filter(({ videoId }) => videoId !== undefined && !known.has(videoId))).toEqual(
      [],
    );
    expect(calls(ids).length).toBeGreaterThan(0);
  },
);

test('sends nothing at all where no id can be one', async () => {
  await using started = await startTestGateway();
  const { sandbox, execute } = started;

  await execute(DeleteVideosDocument, { ids: IMPOSSIBLE });

  expect(sandbox.requests).toEqual([]);
});
