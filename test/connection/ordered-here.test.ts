import { describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../../src/connection/read-connection.ts';
import type { Video } from '../../src/upstream/shapes.ts';
import { createVideo, createVideos, FakeList, toInstant } from './fake-list.ts';
import { read, walk } from './walk.ts';

const options = (direction: 'ASC' | 'DESC') =>
  ({ list: 'removed', order: { field: 'DELETES_AT', direction } }) satisfies Partial<ConnectionOptions>;

/** Removed in an order of their own, seven at a time; a few without a time. */
function createRemoved(count: number): Video[] {
  return createVideos(count).map(({ id }, index) => {
    const second = Math.floor(((index * 37) % count) / 7);
    return createVideo(id, index, { removed: true, deletesAt: index % 50 === 49 ? null : toInstant(second) });
  });
}

function toOrder(videos: readonly Video[], direction: 'ASC' | 'DESC'): string[] {
  const sign = direction === 'ASC' ? 1 : -1;
  const key = ({ deletesAt }: Video) =>
    deletesAt === null ? Number.POSITIVE_INFINITY : Date.parse(deletesAt) * sign;
  return videos
    .toSorted((a, b) => {
      const [x, y] = [key(a), key(b)];
      return x === y ? (a.id < b.id ? -1 : 1) : x - y;
    })
    .map(({ id }) => id);
}

describe('the order DELETES_AT', () => {
  it.each(['ASC', 'DESC'] as const)(
    '%s shows each of 340 once in both directions, by four calls a page',
    async (direction) => {
      const videos = createRemoved(340);
      const order = toOrder(videos, direction);
      for (const way of ['forward', 'backward'] as const) {
        for (const size of [25, 100, 250]) {
          const walked = await walk(new FakeList(videos), size, way, options(direction));
          expect(walked).toEqual({ ids: order, calls: Array(Math.ceil(340 / size)).fill(4) });
        }
      }
    },
  );

  it('reads the first page, then the others side by side', async () => {
    const list = new FakeList(createRemoved(340));
    let open = 0;
    const most: number[] = [];
    const page: typeof list.page = async (query) => {
      open += 1;
      most.push(open);
      await Promise.resolve();
      const answered = await list.page(query);
      open -= 1;
      return answered;
    };
    const { totalCount } = await read(
      list,
      { first: 1 },
      { ...options('ASC'), pages: { page, roomFor: list.roomFor } },
    );
    expect(totalCount).toBe(340);
    expect(most).toEqual([1, 1, 2, 3]);
    expect(list.queries).toEqual(
      [1, 2, 3, 4].map((currentPage) => ({ filter: {}, currentPage, pageSize: 100 })),
    );
  });

  it('goes on from a cursor whose video was restored, by comparing', async () => {
    const videos = createRemoved(340);
    const order = toOrder(videos, 'ASC');
    const list = new FakeList(videos);
    const { pageInfo } = await read(list, { first: 25 }, options('ASC'));
    for (const id of order.slice(0, 26)) list.remove(id);
    const { nodes, pageInfo: next } = await read(list, { after: pageInfo.endCursor }, options('ASC'));
    expect(nodes.map(({ id }) => id)).toEqual(order.slice(26, 51));
    expect(next).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
  });

  it('reads again once where the list changed meanwhile', async () => {
    const videos = createRemoved(340);
    const list = new FakeList(videos);
    list.afterRead = () => {
      list.afterRead = () => {};
      list.remove(list.ids({})[5] ?? '');
    };
    const { nodes, totalCount } = await read(list, { first: 250 }, options('DESC'));
    const rest = videos.filter(({ id }) => list.ids({}).includes(id));
    expect(nodes.map(({ id }) => id)).toEqual(toOrder(rest, 'DESC').slice(0, 250));
    expect(totalCount).toBe(339);
    expect(list.queries).toHaveLength(8);
  });

  it('shows none twice, and says so, where the list never stands still', async () => {
    const list = new FakeList(createRemoved(340));
    let count = 0;
    list.afterRead = () => {
      count += 1;
      list.insert(createVideo(`a${count}`, 0, { removed: true, deletesAt: toInstant(0) }));
    };
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    const { nodes } = await read(list, { first: 250 }, { ...options('ASC'), warn });
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(250);
    expect(list.queries).toHaveLength(8);
    expect(warnings).toEqual([expect.stringContaining('changed')]);
  });

  it('refuses a list that is too long to be read as a whole, after one page', async () => {
    const list = new FakeList([]);
    const page: typeof list.page = async (query) => ({
      ...(await list.page(query)),
      total: 1e15,
    });
    await expect(
      read(list, {}, { ...options('ASC'), pages: { page, roomFor: list.roomFor } }),
    ).rejects.toMatchObject({
      argument: 'orderBy',
    });
    expect(list.queries).toHaveLength(1);
  });

  it('answers an empty list by one call', async () => {
    const list = new FakeList([]);
    const { nodes, pageInfo } = await read(list, { last: 3 }, options('DESC'));
    expect(nodes).toEqual([]);
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(list.queries).toHaveLength(1);
  });
});
