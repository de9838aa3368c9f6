// Lists: pages, filters and orders.
import { expect, it } from 'vitest';
import * as z from 'zod';
import { createVideo, type SandboxVideo } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readIds } from './client.ts';

const page = z.object({
  pagination: z.object({
    currentPageItems: z.int(),
    pagesTotal: z.int(),
    links: z.array(z.object({ rel: z.string(), uri: z.url() })),
  }),
});

async function start(videos: readonly SandboxVideo[]) {
  const sandbox = await startSandbox({ videos, limits: null });
  return { sandbox, call: createClient(sandbox), [Symbol.asyncDispose]: () => sandbox.close() };
}

function day(day: number): string {
  return new Date(Date.UTC(2025, 0, day)).toISOString();
}

it('walks all pages along the next links without a gap or a repetition', async () => {
  // All of one second: only the id keeps them in order.
  const videos = Array.from({ length: 23 }, () => createVideo({ createdAt: day(1) }));
  await using started = await start(videos);
  const { sandbox, call } = started;
  const seen: string[] = [];
  const sizes: number[] = [];
  let path: string | undefined = '/videos?pageSize=10&title=tour';
  while (path !== undefined) {
    const reply = await call('GET', path);
    const { pagination } = page.parse(reply.json);
    seen.push(...readIds(reply));
    sizes.push(pagination.currentPageItems);
    expect(pagination.pagesTotal).toBe(3);
    path = pagination.links.find((link) => link.rel === 'next')?.uri.slice(sandbox.url.length);
  }
  expect(sizes).toEqual([10, 10, 3]);
  expect(seen).toEqual(videos.map((video) => video.videoId).sort());
});

it('links to the pages around, keeping what was asked for', async () => {
  await using started = await start(Array.from({ length: 5 }, () => createVideo()));
  const { sandbox, call } = started;
  const { pagination } = page.parse(
    (await call('GET', '/videos?pageSize=2&currentPage=2&sortBy=title')).json,
  );
  const address = `${sandbox.url}/videos?pageSize=2&currentPage=`;
  expect(pagination.links).toEqual([
    { rel: 'self', uri: `${address}2&sortBy=title` },
    { rel: 'first', uri: `${address}1&sortBy=title` },
    { rel: 'previous', uri: `${address}1&sortBy=title` },
    { rel: 'next', uri: `${address}3&sortBy=title` },
    { rel: 'last', uri: `${address}3&sortBy=title` },
  ]);
});

it('answers an empty page past the end, with the totals', async () => {
  await using started = await start([createVideo()]);
  const { call } = started;
  const reply = await call('GET', '/videos?currentPage=9');
  expect(reply).toMatchObject({
    status: 200,
    json: {
      data: [],
      pagination: { currentPage: 9, pageSize: 25, itemsTotal: 1, pagesTotal: 1, currentPageItems: 0 },
    },
  });
});

it.each([
  ['currentPage=0', 'page', { min: 1 }],
  ['currentPage=x', 'page', { min: 1 }],
  ['pageSize=0', 'pageSize', { min: 1, max: 100 }],
  ['pageSize=101', 'pageSize', { min: 1, max: 100 }],
  ['pageSize=', 'pageSize', { min: 1, max: 100 }],
])('refuses %s with the range that is allowed', async (query, name, range) => {
  await using started = await start([]);
  const { call } = started;
  const title = 'This parameter is out of the allowed range of values.';
  expect(await call('GET', `/videos?${query}`)).toMatchObject({
    status: 400,
    json: { title, name, range, status: 400 },
  });
});

it('lists all complaints about one request', async () => {
  await using started = await start([]);
  const { call } = started;
  const reply = await call('GET', '/discarded/videos?currentPage=-1&pageSize=1000');
  expect(reply.json).toMatchObject({ name: 'page', problems: [{ name: 'page' }, { name: 'pageSize' }] });
});

it.each(['sortBy=deletesAt', 'sortOrder=up'])('refuses %s', async (query) => {
  await using started = await start([]);
  const { call } = started;
  expect(await call('GET', `/videos?${query}`)).toMatchObject({
    status: 400,
    json: { name: query.split('=')[0] },
  });
});

it('filters by title, description, live stream, all tags and all metadata', async () => {
  const metadata = [
    { key: 'Author', value: 'Ada Brown' },
    { key: 'Book, 2nd', value: 'A & B' },
  ];
  const wanted = createVideo({
    title: 'The Lake at Dawn',
    description: 'Filmed in New Zealand',
    tags: ['lake', 'at dawn'],
    metadata,
    liveStreamId: 'li400mYKSgQ6xs7taUeSaEKr',
  });
  const other = createVideo({ tags: ['lake'], metadata: metadata.slice(0, 1) });
  await using started = await start([wanted, other]);
  const { call } = started;
  const find = async (...pairs: [string, string][]) =>
    readIds(await call('GET', `/videos?${new URLSearchParams(pairs)}`));

  const both = new Set([wanted.videoId, other.videoId]);
  expect(await find(['title', 'lake AT'])).toEqual([wanted.videoId]);
  expect(await find(['description', 'new zealand'])).toEqual([wanted.videoId]);
  expect(await find(['liveStreamId', 'li400mYKSgQ6xs7taUeSaEKr'])).toEqual([wanted.videoId]);
  expect(new Set(await find(['tags[]', 'lake']))).toEqual(both);
  expect(await find(['tags[]', 'lake'], ['tags[]', 'at dawn'])).toEqual([wanted.videoId]);
  expect(await find(['tags[]', 'lak'])).toEqual([]);
  expect(new Set(await find(['metadata[Author]', 'Ada Brown']))).toEqual(both);
  expect(await find(['metadata[Author]', 'Ada Brown'], ['metadata[Book, 2nd]', 'A & B'])).toEqual([
    wanted.videoId,
  ]);
  expect(await find(['title', 'lake'], ['tags[]', 'tour'])).toEqual([]);
});

it('reads a query as servers do: the last value of a name counts, and a key ends at its first closing bracket', async () => {
  const metadata = (value: string) => [{ key: 'Author', value }];
  const [ada, bob] = [createVideo({ metadata: metadata('Ada') }), createVideo({ metadata: metadata('Bob') })];
  await using started = await start([ada, bob]);
  const find = async (...pairs: [string, string][]) =>
    readIds(await started.call('GET', `/videos?${new URLSearchParams(pairs)}`));

  expect(await find(['metadata[Author]', 'Ada'], ['metadata[Author]', 'Bob'])).toEqual([bob.videoId]);
  expect(await find(['metadata[Author]x]', 'Ada'])).toEqual([ada.videoId]);
  expect(await find(['metadata[]', 'Ada'])).toHaveLength(2);
  expect(await find(['liveStreamId', ''])).toHaveLength(2);
});

it('sorts by each key both ways, and by creation with the newest first unless asked', async () => {
  const a = createVideo({ title: 'émile', createdAt: day(2), publishedAt: day(3), updatedAt: day(9) });
  const b = createVideo({ title: 'Zoe', createdAt: day(3), publishedAt: day(1), updatedAt: day(8) });
  const c = createVideo({
    title: 'anna',
    createdAt: '2025-01-01T01:00:00+01:00',
    publishedAt: day(2),
    updatedAt: day(7),
  });
  await using started = await start([a, b, c]);
  const { call } = started;
  const order = async (query: string) => {
    const ids = readIds(await call('GET', `/videos?${query}`));
    return ids.map((id) => [a, b, c].find((video) => video.videoId === id)?.title);
  };
  expect(await order('')).toEqual(['Zoe', 'émile', 'anna']);
  expect(await order('sortBy=createdAt&sortOrder=asc')).toEqual(['anna', 'émile', 'Zoe']);
  expect(await order('sortBy=title&sortOrder=asc')).toEqual(['anna', 'émile', 'Zoe']);
  expect(await order('sortBy=title')).toEqual(['Zoe', 'émile', 'anna']);
  expect(await order('sortBy=publishedAt')).toEqual(['émile', 'anna', 'Zoe']);
  expect(await order('sortBy=updatedAt&sortOrder=asc')).toEqual(['anna', 'Zoe', 'émile']);
});

it('shows a change in a list that was asked for before', async () => {
  const video = createVideo();
  await using started = await start([video]);
  const { sandbox, call } = started;
  expect(readIds(await call('GET', '/videos'))).toEqual([video.videoId]);
  sandbox.remove(video.videoId);
  expect(readIds(await call('GET', '/videos'))).toEqual([]);
  expect(readIds(await call('GET', '/discarded/videos'))).toEqual([video.videoId]);
});
