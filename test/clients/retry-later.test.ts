// Which videos of a call are worth sending again, and when.
import { expect, test } from 'vitest';
import { DeleteVideosDocument, retryLater } from '../../src/clients/index.ts';
import { createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const failure = (videoId: string, retryAfterSeconds: number | null, retryable = true) => ({
  __typename: 'VideoFailure',
  videoId,
  retryable,
  retryAfterSeconds,
});

test.each([
  ['no results', []],
  ['no payload', undefined],
  ['a null payload', null],
  ['successes', [{ __typename: 'VideoRemoved', videoId: 'a', alreadyRemoved: false }]],
  ['failures that a second call cannot mend', [failure('a', 5, false)]],
  ['results of a document without `retryable`', [{ videoId: 'a' }]],
])('there is nothing to send again for %s', (_what, results) => {
  expect(retryLater(results)).toBeUndefined();
});

test('the retryable failures are sent again, in their order, after the longest wait that one names', () => {
  const results = [
    failure('c', 3),
    { videoId: 'x' },
    failure('a', 42),
    failure('y', 99, false),
    failure('b', null),
  ];
  expect(retryLater(results)).toEqual({ ids: ['c', 'a', 'b'], afterSeconds: 42 });
  expect(retryLater([failure('a', null)])).toEqual({ ids: ['a'], afterSeconds: 0 });
});

test('of several calls, the last result of a video counts', () => {
  const first = [failure('a', 10), failure('b', 20)];
  const second = [{ videoId: 'b' }, failure('c', 5)];
  expect(retryLater([...first, ...second])).toEqual({ ids: ['a', 'c'], afterSeconds: 10 });
});

test('what the rate limit left out of a call is what is sent again, and nothing else', async () => {
  const { videos, ids } = createVideos(6);
  await using started = await startTestGateway({
    videos,
    limits: { reads: 500, writes: 3 },
    env: { VIDEO_RESTORE: 'on' },
  });
  const { deleteVideos } = await started.execute(DeleteVideosDocument, {
    ids: [...ids, 'not an id'],
    options: { waitSeconds: 0 },
  });

  const retry = retryLater(deleteVideos?.results);

  const unchanged = ids.filter((id) => started.sandbox.state(id) === 'live');
  expect(unchanged.length).toBeGreaterThan(0);
  expect(retry?.ids).toEqual(unchanged);
  expect(retry?.afterSeconds).toBeGreaterThan(0);
  expect(retry?.afterSeconds).toBe(deleteVideos?.summary.retryAfterSeconds);
});
