import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/server.ts';
import { ListWalk, LONGEST_LIST } from '../../src/search/list-walk.ts';
import { createVideo } from '../connection/fake-list.ts';
import { NodesDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { DIALECTS } from '../support/plan-faults.ts';
import { startTestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const PAGE_SIZE = 100;
const ids = Array.from({ length: 250 }, (_, index) => `viL${index}`);
/** On the first page, in the middle, and on the last page. */
const ASKED = ['viL5', 'viL150', 'viL240', 'viL249'];
const GONE = Array.from({ length: 100 }, (_, index) => `viGone${index}`);

type Page = { data: unknown[]; pagination: { itemsTotal: number; currentPage?: number } };

const toVideo = (videoId: string) => ({
  videoId,
  createdAt: new Date(Date.UTC(2026, 0, 1) + 60_000 * ids.indexOf(videoId)).toISOString(),
});

function toPage(number: number): Page {
  const data = ids.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE).map(toVideo);
  return { data, pagination: { itemsTotal: ids.length, currentPage: number } };
}

/** Answers for 250 live videos, with odd pages. */
async function start(toOddPage: (page: Page, number: number) => Page | undefined) {
  const started = await startTestGateway({ upstreamLagMs: 100 });
  const answer = (status: number, json: unknown) =>
    ({ kind: 'answer', acts: false, status, body: JSON.stringify(json) }) as const;
  started.sandbox.setFault(({ path, query, videoId }: SandboxRequest) => {
    if (path === '/videos' && query.get('pageSize') === '100') {
      const number = Number(query.get('currentPage'));
      const page = toOddPage(toPage(number), number);
      return page ? answer(200, page) : answer(500, {});
    }
    return videoId !== undefined && path.startsWith('/videos/') && ids.includes(videoId)
      ? answer(200, toVideo(videoId))
      : undefined;
  });
  return started;
}

describe('a whole list is no evidence', () => {
  test.each<[string, (page: Page, number: number) => Page | undefined]>([
    [
      'whose last page lacks videos',
      (page, number) => (number === 3 ? { ...page, data: page.data.slice(0, 20) } : page),
    ],
    [
      'of which a page lacks a video',
      (page, number) => (number === 2 ? { ...page, data: page.data.slice(1) } : page),
    ],
    [
      'whose first page has a wrong total',
      (page, number) =>
        number === 1 ? { ...page, pagination: { ...page.pagination, itemsTotal: PAGE_SIZE } } : page,
    ],
    ['that is the same page again and again', ({ pagination }) => ({ ...toPage(1), pagination })],
    [
      'whose pages have other numbers',
      (page) => ({ ...page, pagination: { itemsTotal: 250, currentPage: 1 } }),
    ],
    ['whose pages have no numbers', (page) => ({ ...page, pagination: { itemsTotal: 250 } })],
    ['that is in another order', (page) => ({ ...page, data: page.data.toReversed() })],
    [
      'with an item that cannot be read',
      (page) => ({ ...page, data: [...page.data.slice(1), { videoId: 'viOdd', discarded: 1 }] }),
    ],
    ['of which a page never comes', (page, number) => (number === 2 ? undefined : page)],
  ])('%s', async (_how, toOddPage) => {
    await using started = await start(toOddPage);

    const { nodes } = await started.execute(NodesDocument, { ids: [...ASKED, ...GONE] });

    expect(nodes?.map((node) => node?.id)).toEqual([...ASKED, ...GONE.map(() => undefined)]);
  });
});

const EMPTY: Page = { data: [], pagination: { itemsTotal: 0, currentPage: 1 } };
const isRemovedList = ({ path, query }: SandboxRequest) => path === '/videos' && query.has('removed');

/** Lists are not what single reads show. */
async function startWithLists(
  { dialect, videos }: Required<Pick<TestGatewayOptions, 'dialect' | 'videos'>>,
  toList: (request: SandboxRequest) => Page | undefined,
) {
  const started = await startTestGateway({ dialect, videos, upstreamLagMs: 100 });
  started.sandbox.setFault((request: SandboxRequest) => {
    const page = request.query.get('pageSize') === '100' ? toList(request) : undefined;
    return page && { kind: 'answer', acts: false, status: 200, body: JSON.stringify(page) };
  });
  return started;
}

describe('what lists do not show is still found, of many videos too', () => {
  test.each(DIALECTS)('live ones (%s)', async (dialect) => {
    const live = createVideos(60);
    await using started = await startWithLists({ dialect, videos: live.videos }, () => EMPTY);

    const { nodes } = await started.execute(NodesDocument, { ids: live.ids });

    expect(nodes?.map((node) => node?.id)).toEqual(live.ids);
  });

  test.each<[string, (request: SandboxRequest, ids: readonly string[]) => Page | undefined]>([
    ['is empty', (request) => (isRemovedList(request) ? EMPTY : undefined)],
    [
      'shows the live videos instead',
      (request) =>
        isRemovedList(request)
          ? {
              data: [{ videoId: 'viLive', removed: false }],
              pagination: { itemsTotal: 1, currentPage: 1 },
            }
          : undefined,
    ],
    [
      'has no flags',
      (request, removed) =>
        isRemovedList(request)
          ? {
              data: removed.map((videoId) => ({ videoId })),
              pagination: { itemsTotal: removed.length, currentPage: 1 },
            }
          : undefined,
    ],
  ])('removed ones, if their list %s', async (_how, toList) => {
    const removed = createRemovedVideos(60);
    await using started = await startWithLists({ dialect: 'removed', videos: removed.videos }, (request) =>
      toList(request, removed.ids),
    );

    const { nodes } = await started.execute(NodesDocument, { ids: removed.ids });
    const { restoreVideos } = await started.execute(RestoreVideosDocument, { ids: removed.ids });

    expect(nodes?.map((node) => node?.id)).toEqual(removed.ids);
    expect(restoreVideos?.summary).toMatchObject({ succeeded: 60, failed: 0 });
  });
});

test('a list is read whole where upstream refuses the page beyond its last', async () => {
  const { videos, ids } = createVideos(200);
  await using started = await startTestGateway({ videos, upstreamLagMs: 100 });
  const { sandbox, execute } = started;
  sandbox.setFault(({ path, query }: SandboxRequest) =>
    path === '/videos' && query.get('currentPage') === '3'
      ? {
          kind: 'answer',
          acts: false,
          status: 400,
          headers: { 'content-type': 'application/problem+json' },
          body: JSON.stringify({ type: 'https://docs.api.video/reference/x', title: 'No.', status: 400 }),
        }
      : undefined,
  );

  const { nodes } = await execute(NodesDocument, { ids: [ids[0] ?? '', ...GONE] });

  expect(nodes?.map((node) => node?.id)).toEqual([ids[0], ...GONE.map(() => undefined)]);
  // Three pages of live videos and one of removed ones, twice; the rest are the token and the dialect.
  expect(sandbox.requests.length).toBeLessThanOrEqual(10);
});

test('a list whose pages never end is given up, whatever its total says', async () => {
  const pageSize = 100;
  let pages = 0;
  const walk = new ListWalk(() => {
    pages += 1;
  });

  await walk.follow({
    limits: { deadline: Number.POSITIVE_INFINITY },
    isLast: false,
    readPage: async (currentPage) => ({
      videos: Array.from({ length: pageSize }, (_, index) =>
        createVideo(`vi${currentPage}x${index}`, currentPage),
      ),
      total: 250,
      received: pageSize,
      currentPage,
    }),
    onPage() {},
    isWorthwhile: () => true,
  });

  expect(walk.isVoid).toBe(true);
  expect(pages).toBeLessThanOrEqual(LONGEST_LIST / pageSize + 1);
});
