import { describe, expect, it } from 'vitest';
import type { ConnectionOrder } from '../../src/connection/order-values.ts';
import { createVideo, createVideos, FakeList } from './fake-list.ts';
import { BY_CREATION, read, walk } from './walk.ts';

const NEWEST_FIRST = { sortBy: 'createdAt', sortOrder: 'desc' } as const;

describe('a cursor whose list has shifted', () => {
  it('goes on at the right item after 10 of page one were removed and 10 others added, with one more read', async () => {
    const list = new FakeList(createVideos(100, (index) => index * 10));
    const order = list.ids(NEWEST_FIRST);
    const first = await read(list, { first: 25 });
    for (const id of order.slice(3, 13)) list.remove(id);
    const removed = await read(list, { first: 25, after: first.pageInfo.endCursor });
    expect(removed.nodes.map(({ id }) => id)).toEqual(order.slice(25, 50));
    expect(list.queries.length).toBeLessThanOrEqual(3);
    for (let index = 0; index < 10; index += 1) list.insert(createVideo(`new${index}`, 905 + index));
    const added = await read(list, { first: 25, after: removed.pageInfo.endCursor });
    expect(added.nodes.map(({ id }) => id)).toEqual(order.slice(50, 75));
    const back = await read(list, { last: 25, before: added.pageInfo.startCursor });
    expect(back.nodes.map(({ id }) => id)).toEqual(order.slice(25, 50));
    expect(list.queries.length).toBeLessThanOrEqual(6);
  });

  it('repairs a small shift by one more read at most', async () => {
    for (const size of [7, 25, 60]) {
      for (let shift = -40; shift <= 40; shift += 1) {
        const list = new FakeList(createVideos(300, (index) => index * 10));
        const order = list.ids(NEWEST_FIRST);
        let after: string | null = null;
        while (list.queries.length * size < 120)
          after = (await read(list, { first: size, after })).pageInfo.endCursor;
        const shown = list.queries.length * size;
        if (shift < 0) for (const id of order.slice(2, 2 - shift)) list.remove(id);
        else
          for (let index = 0; index < shift; index += 1)
            list.insert(createVideo(`new${index}`, 2_951 + index));
        const reads = list.queries.length;
        const { nodes } = await read(list, { first: size, after });
        expect(nodes.map(({ id }) => id)).toEqual(order.slice(shown, shown + size));
        expect(list.queries.length - reads).toBeLessThanOrEqual(2);
      }
    }
  });

  it.each(['forward', 'backward'])(
    'goes on %s where all that was read first has left before it looks further',
    async (way) => {
      const list = new FakeList(createVideos(100, (index) => index * 10));
      const order = list.ids(NEWEST_FIRST);
      if (way === 'backward') order.reverse();
      const page = (count: number, cursor: string | null = null) =>
        read(list, way === 'forward' ? { first: count, after: cursor } : { last: count, before: cursor });
      const { pageInfo } = await page(50);
      for (const id of order.slice(0, 8)) list.remove(id);
      list.afterRead = () => {
        list.afterRead = () => {};
        for (const id of order.slice(54, 66)) list.remove(id);
      };

      const { nodes } = await page(1, way === 'forward' ? pageInfo.endCursor : pageInfo.startCursor);

      expect(nodes.map(({ id }) => id)).toEqual([order[50]]);
    },
  );

  it('closes a gap that opens between two pages of one answer', async () => {
    const list = new FakeList(createVideos(400, (index) => index * 10));
    const order = list.ids(NEWEST_FIRST);
    list.afterRead = () => {
      list.afterRead = () => {};
      list.remove(order[3] ?? '');
      list.remove(order[4] ?? '');
      list.insert(createVideo('new1', 5));
      list.insert(createVideo('new2', 6));
    };
    const { nodes } = await read(list, { first: 250 });
    expect(nodes.map(({ id }) => id)).toEqual(order.slice(0, 250));
    expect(list.queries.length).toBeLessThanOrEqual(6);
  });

  it('is not misled where as many are removed before a cursor as are added after it', async () => {
    const list = new FakeList(createVideos(300, (index) => index * 10));
    const order = list.ids(NEWEST_FIRST);
    const first = await read(list, { first: 100 });
    list.remove(order[3] ?? '');
    list.insert(createVideo('new', 5));
    const { nodes, totalCount } = await read(list, { first: 100, after: first.pageInfo.endCursor });
    expect(nodes.map(({ id }) => id)).toEqual(order.slice(100, 200));
    expect(totalCount).toBe(300);
  });

  it.each([25, 100])('goes on after everything shown was removed, again and again, by %i', async (size) => {
    for (const order of [BY_CREATION, { field: 'TITLE', direction: 'ASC' }] as const) {
      const list = new FakeList(createVideos(333, () => 0));
      const all = list.ids(order.field === 'TITLE' ? { sortBy: 'title', sortOrder: 'asc' } : NEWEST_FIRST);
      const { ids } = await walk(list, size, 'forward', { order }, (shown) => {
        for (const id of shown) list.remove(id);
      });
      expect(ids).toEqual(all);
    }
  });

  it('finds a place that moved by 2,000, where the length of the list tells', async () => {
    const list = new FakeList(createVideos(3_000));
    const order = list.ids(NEWEST_FIRST);
    let after: string | null = null;
    for (let page = 0; page < 10; page += 1)
      after = (await read(list, { first: 250, after })).pageInfo.endCursor;
    for (const id of order.slice(100, 2_100)) list.remove(id);
    const before = list.queries.length;
    const { nodes } = await read(list, { first: 50, after });
    expect(nodes.map(({ id }) => id)).toEqual(order.slice(2_500, 2_550));
    expect(list.queries.length - before).toBeLessThanOrEqual(3);
  });

  it('refuses a cursor whose place nothing tells any more, after a bounded search', async () => {
    const list = new FakeList(createVideos(3_000));
    const order = list.ids(NEWEST_FIRST);
    let after: string | null = null;
    for (let page = 0; page < 10; page += 1)
      after = (await read(list, { first: 250, after })).pageInfo.endCursor;
    for (const [index, id] of order.slice(0, 1_000).entries()) {
      list.remove(id);
      list.insert(createVideo(`new${index}`, -1 - index));
    }
    const before = list.queries.length;
    await expect(read(list, { first: 50, after })).rejects.toMatchObject({
      argument: 'after',
      message: /moved too far/,
    });
    expect(list.queries.length - before).toBeLessThanOrEqual(10);
  });

  it('warns where it had to estimate a place', async () => {
    const list = new FakeList(createVideos(60, () => 0));
    const order = list.ids(NEWEST_FIRST);
    const { pageInfo } = await read(list, { first: 25 });
    for (const id of order.slice(20, 30)) list.remove(id);
    const warnings: string[] = [];
    await read(list, { first: 5, after: pageInfo.endCursor }, { warn: (message) => warnings.push(message) });
    expect(warnings).toEqual([expect.stringContaining('estimated')]);
  });

  it('goes on from where an item was that has moved in the order since', async () => {
    const list = new FakeList(createVideos(60));
    const order: ConnectionOrder = { field: 'UPDATED_AT', direction: 'DESC' };
    const ids = list.ids({ sortBy: 'updatedAt', sortOrder: 'desc' });
    const first = await read(list, { first: 25 }, { order });
    list.insert(createVideo(ids[24] ?? '', 1_000));
    const { nodes } = await read(list, { first: 25, after: first.pageInfo.endCursor }, { order });
    expect(nodes.map(({ id }) => id)).toEqual(ids.slice(25, 50));
  });
});
