// What requests share of what they read: equal reads in flight, and pages for a moment; never what verifies a write.
import { describe, expect, test, vi } from 'vitest';
import {
  DeleteVideosDocument,
  NodesDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideoDocument,
  VideosDocument,
} from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { toLists } from '../support/list-calls.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const VIDEO_RESTORE = { VIDEO_RESTORE: 'on' };
const ALLOW = { ifPermanent: 'ALLOW' } as const;

/** A clock that stands still until it is moved. */
function stopClock() {
  const now = vi.spyOn(performance, 'now');
  let time = performance.now();
  now.mockImplementation(() => time);
  return {
    move: (ms: number) => {
      time += ms;
    },
    start: () => void now.mockRestore(),
  };
}

describe('equal reads in flight', () => {
  test('are one call upstream, for a hundred clients that ask for the same page', async () => {
    await using started = await startTestGateway({
      ...createVideos(30),
      env: { READ_CACHE_SECONDS: '0' },
      latencyMs: 20,
    });
    const { sandbox, execute } = started;
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => execute(VideosDocument, { first: 10 })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.videos?.nodes).toHaveLength(10);
    expect(toLists(sandbox.requests)).toHaveLength(1);
  });

  test('are one call upstream for a single video, too', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos, latencyMs: 20 });
    const { execute, calls } = started;
    const [id = ''] = ids;
    const answers = await Promise.all(Array.from({ length: 20 }, () => execute(VideoDocument, { id })));
    expect(answers.every(({ video }) => video?.id === id)).toBe(true);
    expect(calls([id])).toEqual([`GET /videos/${id}`]);
  });

  test('go on for the others where the client that came first goes away', async () => {
    await using started = await startTestGateway({
      ...createVideos(30),
      env: { READ_CACHE_SECONDS: '0', UPSTREAM_CONCURRENCY: '1' },
    });
    const { sandbox, gateway, execute } = started;
    await execute(VideosDocument, { first: 1 });
    sandbox.clearRequests();
    sandbox.setFault(({ query }) => (query.get('title') ? { kind: 'delay', ms: 150 } : undefined));
    // It holds the only connection, so that what comes next still waits when its client leaves.
    const blocking = execute(VideosDocument, { filter: { title: 'Video 1' } });
    await eventually(() => expect(sandbox.requests).toHaveLength(1));
    const leaving = new AbortController();
    const left = gateway
      .fetch('http://127.0.0.1/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ videos(first: 10) { nodes { id } } }' }),
        signal: leaving.signal,
      })
      .then(
        () => 'answered',
        () => 'left',
      );
    const staying = execute(VideosDocument, { first: 10 });
    leaving.abort();
    expect(await left).toBe('left');
    expect((await staying).videos?.nodes).toHaveLength(10);
    await blocking;
    expect(toLists(sandbox.requests)).toHaveLength(2);
  });

  test('that began before a write do not answer who asks after it', async () => {
    const { videos, ids } = createVideos(3);
    await using started = await startTestGateway({ videos, env: VIDEO_RESTORE });
    const { sandbox, execute } = started;
    const [id = ''] = ids;
    let held = 0;
    sandbox.setFault(({ path }) => {
      if (path !== '/videos') return undefined;
      held += 1;
      return held === 1 ? { kind: 'delay', ms: 300 } : undefined;
    });
    const before = execute(VideosDocument, { first: 3 });
    await eventually(() => expect(held).toBe(1));
    await execute(DeleteVideosDocument, { ids: [id] });
    const after = await execute(VideosDocument, { first: 3 });
    await before;
    expect(after.videos?.nodes.map((video) => video.id)).not.toContain(id);
    expect(toLists(sandbox.requests)).toHaveLength(2);
    // Nor is the old one kept when it comes at last.
    const last = await execute(VideosDocument, { first: 3 });
    expect(last.videos?.nodes.map((video) => video.id)).not.toContain(id);
  });
});

describe('a page that was just read', () => {
  test('is read again at once with READ_CACHE_SECONDS=0', async () => {
    await using started = await startTestGateway({
      ...createVideos(30),
      env: { READ_CACHE_SECONDS: '0' },
    });
    const { sandbox, execute } = started;
    for (let times = 0; times < 3; times += 1) await execute(VideosDocument, { first: 10 });
    expect(toLists(sandbox.requests)).toHaveLength(3);
  });

  test('answers no other question', async () => {
    await using started = await startTestGateway(createVideos(30));
    const { sandbox, execute } = started;
    for (const variables of [{ first: 10 }, { first: 10, filter: { title: 'Video 1' } }, { first: 12 }])
      await execute(VideosDocument, variables);
    expect(toLists(sandbox.requests)).toHaveLength(3);
  });

  test('is dropped by a write of this gateway, so that a client that has deleted sees it gone', async () => {
    const { videos, ids } = createVideos(5);
    await using started = await startTestGateway({ videos, env: VIDEO_RESTORE });
    const { execute } = started;
    const [id = ''] = ids;
    const list = async () =>
      (await execute(VideosDocument, { first: 5 })).videos?.nodes.map((video) => video.id);
    const removed = async () =>
      (await execute(RemovedVideosDocument, { first: 5 })).removedVideos?.totalCount;
    expect(await list()).toContain(id);
    expect(await removed()).toBe(0);
    await execute(DeleteVideosDocument, { ids: [id] });
    expect(await list()).not.toContain(id);
    expect(await removed()).toBe(1);
  });

  test('is no evidence: what is looked up before a deletion is read for it', async () => {
    const { videos, ids } = createVideos(40);
    await using started = await startTestGateway({ videos, env: VIDEO_RESTORE });
    const { sandbox, execute } = started;
    // Tells how long the list is, and leaves its page to others.
    await execute(VideosDocument, { first: 1 });
    await execute(NodesDocument, { ids });
    expect(toLists(sandbox.requests)).toHaveLength(2);
    const [gone = '', ...others] = ids;
    sandbox.destroy(gone);
    sandbox.clearRequests();
    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: ALLOW });
    expect(toLists(sandbox.requests)).toHaveLength(1);
    expect(deleteVideos?.results[0]).toMatchObject({ __typename: 'VideoFailure', code: 'NOT_FOUND' });
    expect(deleteVideos?.summary).toMatchObject({ succeeded: others.length, failed: 1 });
  });
});

test('a page that was just read answers the same question for READ_CACHE_SECONDS, and is read again after', {
  // The clock that stands still is everybody's.
  concurrent: false,
}, async () => {
  await using started = await startTestGateway(createVideos(30));
  const { sandbox, execute } = started;
  const clock = stopClock();
  const poll = () => execute(VideosDocument, { first: 10 });
  try {
    for (let times = 0; times < 10; times += 1) await poll();
    clock.move(999);
    await poll();
    expect(toLists(sandbox.requests)).toHaveLength(1);
    clock.move(1);
    await poll();
    expect(toLists(sandbox.requests)).toHaveLength(2);
  } finally {
    clock.start();
  }
});

test('a page that lagged behind a write is not kept', async () => {
  const { videos, ids } = createRemovedVideos(3);
  const env = { APIVIDEO_DIALECT: 'removed', READ_CACHE_SECONDS: '60' };
  await using started = await startTestGateway({ dialect: 'removed', videos, lagMs: 1_900, env });
  const { execute, post } = started;
  const count = async () => (await post({ query: '{ videos(first: 10) { totalCount } }' })).data;
  // Its answer tells enough: it is not read back, so that the next read is within the lag.
  await execute(RestoreVideosDocument, { ids: ids.slice(0, 1) });

  expect(await count()).toEqual({ videos: { totalCount: 0 } });

  await eventually(async () => expect(await count()).toEqual({ videos: { totalCount: 1 } }));
});
