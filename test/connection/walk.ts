// Walks a fake list by cursors, as a client would, and notes what each page cost.
import { expect } from 'vitest';
import type { ConnectionOrder } from '../../src/connection/order-values.ts';
import {
  type ConnectionOptions,
  readConnection,
  type VideoConnection,
} from '../../src/connection/read-connection.ts';
import type { FakeList } from './fake-list.ts';

export type Walk = { readonly ids: string[]; readonly calls: number[] };

export const BY_CREATION: ConnectionOrder = { field: 'CREATED_AT', direction: 'DESC' };

/** Asks for every field, the lazy ones too. */
export async function read(
  list: FakeList,
  args: ConnectionOptions['args'],
  options: Partial<ConnectionOptions> = {},
): Promise<VideoConnection> {
  const { edges, nodes, pageInfo, totalCount } = await readConnection({
    list: 'live',
    args,
    filter: {},
    order: BY_CREATION,
    pages: list,
    ...options,
  });
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return {
    edges: edges.map(({ cursor, node }) => ({ cursor, node })),
    nodes,
    pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor },
    totalCount,
  };
}

/** @param between - called after each page, with the ids shown so far. */
export async function walk(
  list: FakeList,
  size: number,
  direction: 'forward' | 'backward',
  options: Partial<ConnectionOptions> = {},
  between: (shown: readonly string[]) => void = () => {},
): Promise<Walk> {
  const ids: string[] = [];
  const calls: number[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < 2_000; page += 1) {
    const before = list.queries.length;
    const args = direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor };
    const { nodes, pageInfo }: VideoConnection = await read(list, args, options);
    calls.push(list.queries.length - before);
    const shown = nodes.map(({ id }) => id);
    if (direction === 'forward') ids.push(...shown);
    else ids.unshift(...shown);
    expect(shown.length).toBeLessThanOrEqual(size);
    if (!(direction === 'forward' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) return { ids, calls };
    cursor = direction === 'forward' ? pageInfo.endCursor : pageInfo.startCursor;
    expect(cursor).not.toBeNull();
    between(ids);
  }
  throw new Error('the walk does not end');
}
