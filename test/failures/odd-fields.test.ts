// One field of one video in another form takes nothing else with it: lists, orders, deletions and restores go on.
import { describe, expect, test } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { countEach, DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';
import { startVideoAlteringProxy } from '../support/video-altering-proxy.ts';

const SLOW = 60_000;
const upstreamLagMs = 500;

const ODD: readonly [string, unknown][] = [
  ['title', 5],
  ['publishedAt', ''],
  ['publishedAt', '0000-00-00T00:00:00+00:00'],
  ['createdAt', 1_700_000_000],
  ['updatedAt', '0000-00-00 00:00:00'],
  ['tags', { 0: 'a' }],
  ['tags', ['a', null]],
  ['metadata', [{ key: 'a', value: 5 }]],
  ['metadata', {}],
  ['assets', []],
  ['public', 'true'],
  ['playerId', 7],
];

/** A gateway whose upstream shows some videos otherwise. */
async function start(oddId: string, fields: Record<string, unknown>, options: TestGatewayOptions) {
  const proxy = await startVideoAlteringProxy((video) =>
    video.videoId === oddId ? { ...video, ...fields } : video,
  );
  const { logger, lines } = captureLog('info');
  const started = await startTestGateway({
    logger,
    upstreamLagMs,
    ...options,
    env: { APIVIDEO_BASE_URL: proxy.url, READ_CACHE_SECONDS: '0', ...options.env },
  });
  proxy.forwardTo(started.sandbox.url);
  return {
    ...started,
    /** The fields that were warned of. */
    warned: () =>
      lines.flatMap(({ level, videoId, field }) => (level === 40 && field ? [[videoId, field]] : [])),
    lines,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

const removal = (dialect: (typeof DIALECTS)[number]) =>
  dialect === 'discarded' ? (['discarded', 'discardedAt'] as const) : (['removed', 'removedAt'] as const);

describe.each(DIALECTS)('one video with an odd field, in the %s dialect', { concurrent: true }, (dialect) => {
  test.each(ODD)(
    '%s: %j is served with all others, removed, listed by DELETES_AT, and restored',
    {
      timeout: SLOW,
    },
    async (field, form) => {
      const { videos, ids } = createVideos(5);
      const { videos: removed, ids: removedIds } = createRemovedVideos(3);
      const [, odd = ''] = ids;
      const all = [...videos, ...removed];
      await using started = await start(odd, { [field]: form }, { dialect, videos: all });
      const { post, execute, sandbox, warned } = started;

      const page = await post({ query: '{ videos { totalCount nodes { id title publishedAt tags } } }' });
      expect(page.errors).toEqual([]);
      expect(page.data).toMatchObject({ videos: { totalCount: 5 } });
      expect(JSON.stringify(page.data).match(/"id":/g)).toHaveLength(5);

      const before = rememberStates(sandbox, ids);
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
      expect(countEach(sandbox, ids, 'DELETE')).toEqual(ids.map(() => 1));

      const ordered = await post({
        query:
          '{ removedVideos(first: 100, orderBy: { field: DELETES_AT, direction: ASC }) { nodes { id } } }',
      });
      expect(ordered.errors).toEqual([]);
      for (const id of [...ids, ...removedIds]) expect(JSON.stringify(ordered.data)).toContain(id);

      const { restoreVideos } = await execute(RestoreVideosDocument, { ids });
      expect(restoreVideos?.results.map(({ __typename }) => __typename)).toEqual(
        ids.map(() => 'VideoRestored'),
      );

      // It was read some ten times.
      expect(warned()).toEqual([[odd, field]]);
    },
  );

  test('without a date of its removal, it is never claimed to be removed by a call that did not', {
    timeout: SLOW,
  }, async () => {
    const [, removedAt] = removal(dialect);
    for (const secondDelete of ['not-found', 'no-content'] as const) {
      const { videos, ids } = createRemovedVideos(1);
      const [odd = ''] = ids;
      await using started = await start(odd, { [removedAt]: '' }, { dialect, videos, secondDelete });
      const { execute, sandbox } = started;

      const codes: unknown[] = [];
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const before = rememberStates(sandbox, ids);
        const { deleteVideos } = await execute(DeleteVideosDocument, { ids });
        assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
        codes.push(...(deleteVideos?.results ?? []));
      }

      expect(codes).not.toContainEqual(expect.objectContaining({ alreadyRemoved: false }));
      // A call that cannot tell is followed by one that looks first.
      expect(codes.at(-1)).toMatchObject({ __typename: 'VideoRemoved', alreadyRemoved: true });
    }
  });

  test.each([
    ['VIDEO_RESTORE=on', { VIDEO_RESTORE: 'on' }],
    ['the probe', {}],
  ])(
    'without a date of its removal, a deletion that removed it says so, with %s',
    {
      timeout: SLOW,
    },
    async (_name, env) => {
      const [, removedAt] = removal(dialect);
      const { videos, ids } = createVideos(3);
      const [, odd = ''] = ids;
      await using started = await start(odd, { [removedAt]: 'soon' }, { dialect, videos, env });
      const { execute, sandbox, warned } = started;
      const before = rememberStates(sandbox, ids);

      const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
      expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
      expect(warned()).toEqual([[odd, removedAt]]);
    },
  );

  test('with a flag that cannot be read, its lists go on without it, and it alone fails', {
    timeout: SLOW,
  }, async () => {
    const [flag] = removal(dialect);
    const { videos, ids } = createVideos(7);
    const [, odd = ''] = ids;
    const others = ids.filter((id) => id !== odd);
    await using started = await start(odd, { [flag]: 'no' }, { dialect, videos });
    const { post, execute, sandbox, lines } = started;

    // A walk with pages of one: it passes the video that it cannot show.
    const walked: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 20; pages += 1) {
      const { data, errors } = await post({
        query: `query ($after: String) { videos(first: 1, after: $after, orderBy: { field: TITLE, direction: ASC }) {
          totalCount nodes { id } pageInfo { endCursor hasNextPage } } }`,
        variables: { after },
      });
      expect(errors).toEqual([]);
      const { videos: page } = Object(data);
      expect(page.totalCount).toBe(7);
      walked.push(...page.nodes.map(({ id }: { id: string }) => id));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(walked).toEqual(others);

    const read = await post({
      query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      variables: { ids },
    });
    expect(read.data).toEqual({ nodes: ids.map((id) => (id === odd ? null : { id })) });
    expect(read.errors).toMatchObject([{ path: ['nodes', 1], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);

    const before = rememberStates(sandbox, ids);
    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 10 } });
    const told = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: [odd] });
    expect(told.toSpliced(1, 1)).toEqual(others.map(() => 'VideoRemoved'));

    const ordered = await post({
      query: '{ removedVideos(first: 100, orderBy: { field: DELETES_AT, direction: ASC }) { nodes { id } } }',
    });
    expect(ordered.errors).toEqual([]);
    for (const id of others) expect(JSON.stringify(ordered.data)).toContain(id);
    // What is left out does not look like a list that changes.
    expect(lines.filter(({ msg }) => msg.includes('changed during both reads'))).toEqual([]);
  });
});

test('a walk by an order whose values some videos lack shows each video once', {
  timeout: SLOW,
}, async () => {
  const { videos, ids } = createVideos(12);
  const proxy = await startVideoAlteringProxy((video) => ({
    ...video,
    ...(ids.indexOf(String(video.videoId)) % 3 === 0 ? { publishedAt: '', createdAt: null } : {}),
  }));
  await using _proxy = proxy;
  await using started = await startTestGateway({ videos, env: { APIVIDEO_BASE_URL: proxy.url } });
  const { post, sandbox } = started;
  proxy.forwardTo(sandbox.url);
  for (const field of ['CREATED_AT', 'PUBLISHED_AT', 'UPDATED_AT']) {
    const walked: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 20; pages += 1) {
      const { data, errors } = await post({
        query: `query ($after: String) { videos(first: 5, after: $after, orderBy: { field: ${field}, direction: ASC }) {
          nodes { id } pageInfo { endCursor hasNextPage } } }`,
        variables: { after },
      });
      expect(errors).toEqual([]);
      const { videos: page } = Object(data);
      walked.push(...page.nodes.map(({ id }: { id: string }) => id));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(walked.toSorted()).toEqual(ids.toSorted());
  }
});

test('warnings of odd fields have a bound, and no value', { timeout: SLOW }, async () => {
  const { videos } = createVideos(100);
  const { logger, lines, text } = captureLog('warn');
  const proxy = await startVideoAlteringProxy((video) => ({
    ...video,
    title: { secret: 'value' },
    tags: 'secret value',
  }));
  await using _proxy = proxy;
  await using started = await startTestGateway({ videos, logger, env: { APIVIDEO_BASE_URL: proxy.url } });
  proxy.forwardTo(started.sandbox.url);

  const { errors } = await started.post({ query: '{ videos(first: 100) { nodes { id title tags } } }' });

  expect(errors).toEqual([]);
  expect(lines.filter(({ field }) => field !== undefined)).toHaveLength(101);
  expect(lines[0]?.msg).toMatch(/^api\.video returned the field \w+ of a video in an unexpected form, so/);
  expect(lines.at(-1)?.msg).toMatch(/for an hour, others like this are not logged/);
  expect(text()).not.toContain('secret');
});
