// Reads and writes the pages of a list in Graphcache, which keeps each page by itself and joins them when it reads. It
// writes no cursors of pages: paging goes on where it was.
import { gql } from '@urql/core';
import type { Cache } from '@urql/exchange-graphcache';
import type { Row } from './cached-list.ts';
import { LISTS, type ListName, toListKey } from './list-arguments.ts';

export type PageArguments = { readonly [name: string]: unknown };

/** The two ways to ask for rows. An app may use both in one query. */
export const SHAPES = ['edges', 'nodes'] as const;
export type Shape = (typeof SHAPES)[number];

export type Page = {
  readonly fieldKey: string;
  readonly args: PageArguments;
  /** Keys in the cache; undefined if the app did not ask for that shape. */
  readonly links: { readonly [shape in Shape]: readonly string[] | undefined };
  readonly total: number | undefined;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
};

type PageInfo = Pick<Page, 'hasNext' | 'hasPrevious' | 'startCursor' | 'endCursor'>;

export type PagesOfList = { readonly name: ListName; readonly key: string; readonly pages: readonly Page[] };

export function readLists(cache: Cache): readonly PagesOfList[] {
  const lists = new Map<string, { name: ListName; pages: Page[] }>();
  for (const { fieldKey, fieldName, arguments: args } of cache.inspectFields('Query')) {
    const name = LISTS.find((each) => each === fieldName);
    const page = name && readPage(cache, 'Query', fieldKey, args ?? {});
    if (!name || !page) continue;
    const key = toListKey(name, page.args);
    const list = lists.get(key) ?? { name, pages: [] };
    list.pages.push(page);
    lists.set(key, list);
  }
  return [...lists].map(([key, { name, pages }]) => ({ name, key, pages }));
}

/** @param owner - the key of what has the list: `Query`, or an operation of which these are results */
export function readPage(
  cache: Cache,
  owner: string,
  fieldKey: string,
  args: PageArguments,
): Page | undefined {
  const key = cache.resolve(owner, fieldKey);
  if (typeof key !== 'string') return undefined;
  const links = { edges: toLinks(cache.resolve(key, 'edges')), nodes: toLinks(cache.resolve(key, 'nodes')) };
  const total = cache.resolve(key, 'totalCount');
  return {
    fieldKey,
    args,
    links,
    total: typeof total === 'number' ? total : undefined,
    ...readInfo(cache, cache.resolve(key, 'pageInfo'), links.edges),
  };
}

/** Without cursors of the page, those of its edges serve. */
function readInfo(cache: Cache, info: unknown, edges: readonly string[] = []): PageInfo {
  const ofInfo = (field: string): unknown =>
    typeof info === 'string' ? cache.resolve(info, field) : undefined;
  const toCursor = (edge: string | undefined) =>
    edge === undefined ? null : toText(cache.resolve(edge, 'cursor'));
  return {
    hasNext: ofInfo('hasNextPage') !== false,
    hasPrevious: ofInfo('hasPreviousPage') === true,
    startCursor: toText(ofInfo('startCursor')) ?? toCursor(edges[0]),
    endCursor: toText(ofInfo('endCursor')) ?? toCursor(edges.at(-1)),
  };
}

/** Undefined if a row cannot be identified, because the app asked for no `id`. */
export function readRows(cache: Cache, page: Page, shape: Shape): readonly Row[] | undefined {
  const links = page.links[shape];
  const rows = links?.flatMap((link) => {
    const video = shape === 'edges' ? cache.resolve(link, 'node') : link;
    const id = typeof video === 'string' ? cache.resolve(video, 'id') : undefined;
    const cursor = shape === 'edges' ? toText(cache.resolve(link, 'cursor')) : null;
    return typeof id === 'string' ? [{ id, cursor }] : [];
  });
  return rows?.length === links?.length ? rows : undefined;
}

/** Writes the total of a page, and its rows in one shape. */
export function writePage(
  cache: Cache,
  name: ListName,
  page: Page,
  { rows, shape, total }: { rows?: readonly Row[]; shape?: Shape | undefined; total: number | undefined },
): void {
  const isWithCursors = page.links.edges?.every((edge) => toText(cache.resolve(edge, 'cursor')) !== null);
  const node = ({ id }: Row) => ({ __typename: 'Video', id });
  const edge = (row: Row) => ({
    __typename: 'VideoEdge',
    ...(isWithCursors ? { cursor: row.cursor ?? '' } : {}),
    node: node(row),
  });
  const video = '{ __typename id }';
  const fields = [
    ...(total === undefined ? [] : ['totalCount']),
    ...(shape === 'edges' ? [`edges { __typename ${isWithCursors ? 'cursor' : ''} node ${video} }`] : []),
    ...(shape === 'nodes' ? [`nodes ${video}`] : []),
  ];
  const names = Object.keys(page.args);
  const given = names.length === 0 ? '' : `(${names.map((each) => `${each}: $${each}`).join(', ')})`;
  // A fragment, because a query would be read before it is written, and that joins all the pages again.
  cache.writeFragment(
    gql(`fragment Page on Query { ${name}${given} { __typename ${fields.join(' ')} } }`),
    {
      __typename: 'Query',
      [name]: {
        __typename: 'VideoConnection',
        totalCount: total,
        edges: rows?.map(edge),
        nodes: rows?.map(node),
      },
    },
    { ...page.args },
  );
}

function toLinks(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((link: unknown) => typeof link === 'string');
}

const toText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
