import { describe, expect, it } from 'vitest';
import type { ConnectionArgs } from '../../src/connection/arguments.ts';
import { ConnectionArgumentError } from '../../src/connection/connection-argument-error.ts';
import { createVideos, FakeList } from './fake-list.ts';
import { read } from './walk.ts';

describe('arguments of a connection', () => {
  it.each<[string, ConnectionArgs, string]>([
    ['first: 0', { first: 0 }, 'first'],
    ['first: -1', { first: -1 }, 'first'],
    ['first: 251', { first: 251 }, 'first'],
    ['first: 2.5', { first: 2.5 }, 'first'],
    ['first: NaN', { first: Number.NaN }, 'first'],
    ['a first that is text', { first: '25' }, 'first'],
    ['last: 0', { last: 0 }, 'last'],
    ['last: 251', { last: 251 }, 'last'],
    ['first and last', { first: 1, last: 1 }, 'last'],
    ['after with last', { last: 1, after: 'x' }, 'after'],
    ['before with first', { first: 1, before: 'x' }, 'before'],
    ['before alone', { before: 'x' }, 'before'],
    ['after and before', { first: 1, after: 'x', before: 'y' }, 'before'],
    ['an after that is a number', { after: 3 }, 'after'],
    ['an empty after', { after: '' }, 'after'],
  ])('refuses %s and sends nothing', async (_name, args, argument) => {
    const list = new FakeList(createVideos(3));
    const refusal = await read(list, args).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConnectionArgumentError);
    expect(refusal).toMatchObject({
      argument,
      message: expect.stringMatching(/^Expected .+, and .+\. .+\.$/),
    });
    expect(list.queries).toEqual([]);
  });

  it('never echoes more than 80 characters of what came', async () => {
    const list = new FakeList([]);
    const long = '😀'.repeat(100_000);
    for (const args of [{ first: long }, { after: long }, { after: 'A'.repeat(1_999) }, { after: 1e300 }]) {
      await expect(read(list, args)).rejects.toSatisfy(
        (error: Error) => error.message.isWellFormed() && error.message.length < 80 + 180,
      );
    }
  });

  it('shows the first 25 where nothing is said, and takes null for not given', async () => {
    const list = new FakeList(createVideos(60));
    const { edges, nodes, pageInfo, totalCount } = await read(list, {
      first: null,
      after: null,
      last: null,
      before: null,
    });
    expect(nodes).toEqual(list.sorted({ sortBy: 'createdAt', sortOrder: 'desc' }).slice(0, 25));
    expect(edges.map(({ node }) => node)).toEqual(nodes);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges[24]?.cursor,
    });
    expect(totalCount).toBe(60);
    expect(list.queries).toHaveLength(1);
  });

  it('answers an empty list with no cursors', async () => {
    const list = new FakeList([]);
    const empty = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
    expect(await read(list, {})).toEqual({ edges: [], nodes: [], pageInfo: empty, totalCount: 0 });
    expect(await read(list, { last: 5 })).toEqual({ edges: [], nodes: [], pageInfo: empty, totalCount: 0 });
    expect(list.queries).toHaveLength(2);
  });

  it('hands on the filter and the order to upstream', async () => {
    const list = new FakeList(createVideos(3));
    const filter = { title: 'a', tags: ['x'] };
    await read(list, { first: 2 }, { filter, order: { field: 'UPDATED_AT', direction: 'ASC' } });
    expect(list.queries).toEqual([
      { filter, sortBy: 'updatedAt', sortOrder: 'asc', currentPage: 1, pageSize: 3 },
    ]);
  });
});
