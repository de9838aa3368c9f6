import { describe, expect, it } from 'vitest';
import type { ConnectionOrder } from '../../src/connection/order-values.ts';
import { planPages } from '../../src/connection/plan-pages.ts';
import { createVideo, createVideos, FakeList, type Upstream } from './fake-list.ts';
import { BY_CREATION, read, walk } from './walk.ts';

const NEWEST_FIRST = { sortBy: 'createdAt', sortOrder: 'desc' } as const;

describe('a walk over 333 videos that stay', () => {
  const forward: [number, number[]][] = [
    [1, Array(333).fill(1)],
    [7, Array(48).fill(1)],
    [25, Array(14).fill(1)],
    // 100 items and the one that proves where they belong need two pages, unless the page before has shown that one.
    [99, [1, 1, 2, 1]],
    [100, [1, 2, 1, 1]],
    [101, [2, 2, 2, 1]],
    // Pages read side by side share an item, so that 200 items need three.
    [200, [3, 2]],
    [250, [3, 2]],
  ];

  it.each(forward)('forward by %i shows each once, in order, by the fewest calls', async (size, calls) => {
    const list = new FakeList(createVideos(333));
    expect(await walk(list, size, 'forward')).toEqual({ ids: list.ids(NEWEST_FIRST), calls });
  });

  // The first call has to learn where the list ends: it reads a page to know, and then those at the end.
  const backward: [number, number[]][] = [
    [1, [2, ...Array(332).fill(1)]],
    [7, [2, ...Array(47).fill(1)]],
    [25, [2, ...Array(13).fill(1)]],
    [99, [3, 2, 2, 1]],
    [100, [3, 2, 2, 1]],
    [101, [3, 2, 2, 1]],
    [200, [4, 2]],
    [250, [4, 1]],
  ];

  it.each(backward)('backward by %i shows each once, in order, by the fewest calls', async (size, calls) => {
    const list = new FakeList(createVideos(333));
    expect(await walk(list, size, 'backward')).toEqual({ ids: list.ids(NEWEST_FIRST), calls });
  });

  it('never reads more pages than the window with the item of the cursor needs', async () => {
    for (const size of [3, 24, 50, 98, 99, 100, 150, 249]) {
      const list = new FakeList(createVideos(333));
      const { calls } = await walk(list, size, 'forward');
      for (const [page, used] of calls.entries()) {
        const from = Math.max(0, page * size - 1);
        expect(used).toBeLessThanOrEqual(planPages({ from, to: Math.min(333, (page + 1) * size) }).length);
      }
    }
  });
});

describe('a walk in orders that cannot be compared here', () => {
  const upstreams: Upstream[] = [
    { ties: 'by id', nulls: 'last' },
    { ties: 'by id, with the direction', nulls: 'first' },
  ];
  const orders: ConnectionOrder[] = [
    { field: 'PUBLISHED_AT', direction: 'DESC' },
    { field: 'PUBLISHED_AT', direction: 'ASC' },
    { field: 'TITLE', direction: 'DESC' },
    { field: 'TITLE', direction: 'ASC' },
    { field: 'UPDATED_AT', direction: 'ASC' },
  ];
  // Many at the same second, many that were never published, titles that differ by case or not at all.
  const videos = createVideos(333, (index) => index >> 5).map((video, index) =>
    createVideo(video.id, index >> 5, {
      updatedAt: video.updatedAt,
      publishedAt: index % 4 === 0 ? null : video.publishedAt,
      title: index % 7 === 0 ? null : `${index % 2 ? 'Éclair' : 'eclair'} ${index % 11}`,
    }),
  );

  it.each(
    upstreams.flatMap((upstream) =>
      orders.map((order) => [order.field, order.direction, upstream.ties, upstream, order] as const),
    ),
  )('%s %s with ties %s shows each once', async (_field, _direction, _ties, upstream, order) => {
    const list = new FakeList(videos, upstream);
    for (const size of [7, 100]) {
      for (const direction of ['forward', 'backward'] as const) {
        const { ids } = await walk(list, size, direction, { order });
        const sortBy =
          order.field === 'TITLE' ? 'title' : order.field === 'UPDATED_AT' ? 'updatedAt' : 'publishedAt';
        expect(ids).toEqual(list.ids({ sortBy, sortOrder: order.direction === 'ASC' ? 'asc' : 'desc' }));
      }
    }
  });
});

describe('pageInfo', () => {
  it('tells what lies on either side, in both directions', async () => {
    const list = new FakeList(createVideos(60));
    const first = await read(list, { first: 20 });
    const second = await read(list, { first: 20, after: first.pageInfo.endCursor });
    const third = await read(list, { first: 20, after: second.pageInfo.endCursor });
    const fourth = await read(list, { first: 20, after: third.pageInfo.endCursor });
    const back = await read(list, { last: 20, before: second.pageInfo.startCursor });
    const beyond = await read(list, { last: 20, before: first.pageInfo.startCursor });
    const sides = [first, second, third, fourth, back, beyond].map(({ nodes, pageInfo, totalCount }) => {
      expect(totalCount).toBe(60);
      return [pageInfo.hasPreviousPage, nodes.length, pageInfo.hasNextPage];
    });
    expect(sides).toEqual([
      [false, 20, true],
      [true, 20, true],
      [true, 20, false],
      [true, 0, false],
      [false, 20, true],
      [false, 0, true],
    ]);
    expect(back.nodes).toEqual(first.nodes);
    expect(list.queries).toHaveLength(6);
  });

  it('starts from any item of an answer, not from its ends alone', async () => {
    const list = new FakeList(createVideos(60));
    const { edges, nodes } = await read(list, { first: 20 });
    const after = await read(list, { first: 5, after: edges[6]?.cursor });
    expect(after.nodes).toEqual(nodes.slice(7, 12));
    const before = await read(list, { last: 5, before: edges[6]?.cursor });
    expect(before.nodes).toEqual(nodes.slice(1, 6));
  });
});

describe('last without before', () => {
  it('reads a list of up to 100 by one call', async () => {
    const list = new FakeList(createVideos(100));
    const { nodes, pageInfo } = await read(list, { last: 30 });
    expect(nodes.map(({ id }) => id)).toEqual(list.ids(NEWEST_FIRST).slice(-30));
    expect(pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    expect(list.queries).toHaveLength(1);
  });

  it('goes on from the page it had to read where that is near the end', async () => {
    const list = new FakeList(createVideos(150));
    const { nodes } = await read(list, { last: 100 }, { order: BY_CREATION });
    expect(nodes.map(({ id }) => id)).toEqual(list.ids(NEWEST_FIRST).slice(-100));
    expect(list.queries).toHaveLength(2);
  });

  it.each([-40, -180, -333, 40])(
    'finds the end where it moves by %i while it is looked for',
    async (change) => {
      const list = new FakeList(createVideos(333));
      list.afterRead = () => {
        list.afterRead = () => {};
        for (let index = 0; index < Math.abs(change); index += 1) {
          if (change > 0) list.insert(createVideo(`new${index}`, -index - 1));
          else list.remove(list.ids(NEWEST_FIRST).at(-1) ?? '');
        }
      };
      const { nodes, pageInfo, totalCount } = await read(list, { last: 20 });
      expect(nodes.map(({ id }) => id)).toEqual(list.ids(NEWEST_FIRST).slice(-20));
      expect(pageInfo.hasNextPage).toBe(false);
      expect(totalCount).toBe(333 + change);
    },
  );
});
