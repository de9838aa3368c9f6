// Divides the cached pages of a list into parts that are followed each by itself, so that what one query has read does not
// decide what another shows.
import type { Cache } from '@urql/exchange-graphcache';
import type { CachedList, Memory, Row } from './cached-list.ts';
import { findChain, isBackward, toStart } from './graphcache-chains.ts';
import { type Page, type PagesOfList, readRows, SHAPES, type Shape } from './graphcache-pages.ts';
import { type ListName, readArguments } from './list-arguments.ts';

export type Part = {
  readonly name: ListName;
  readonly listKey: string;
  readonly key: string;
  readonly shape: Shape | undefined;
  /** In the order of their rows. */
  readonly pages: readonly ReadPage[];
  /**
   * `chain`: pages that follow each other from the first one. `loose`: a page that nothing leads to, so that what enters
   * before it is unknown. `total`: a page without rows. `opaque`: one with rows that cannot be identified.
   */
  readonly kind: 'chain' | 'loose' | 'total' | 'opaque';
};

export type ReadPage = { readonly page: Page; readonly rows: readonly Row[] };

/** Totals come last, because a chain may prove them. */
export function toParts(cache: Cache, { name, key: listKey, pages }: PagesOfList): readonly Part[] {
  const toPart = (kind: Part['kind'], shape: Shape | undefined, own: readonly ReadPage[], key: string) => ({
    name,
    listKey,
    key: `${kind} ${shape} ${name} ${key}`,
    shape,
    pages: own,
    kind,
  });
  const isEmpty = ({ links }: Page) => SHAPES.every((shape) => links[shape] === undefined);
  const isOpaque = (page: Page) =>
    SHAPES.some((shape) => page.links[shape] !== undefined && readRows(cache, page, shape) === undefined);
  const alone = (kind: Part['kind'], page: Page) =>
    toPart(kind, undefined, [{ page, rows: [] }], page.fieldKey);
  const known = pages.filter((page) => !isEmpty(page) && !isOpaque(page));
  const chains = SHAPES.flatMap((shape) => {
    const read = new Map(
      known.flatMap((page) => {
        const rows = readRows(cache, page, shape);
        return rows ? [[page, { page, rows }] as const] : [];
      }),
    );
    const toRead = (chain: readonly Page[]) => chain.flatMap((page) => read.get(page) ?? []);
    const joinable = [...read.keys()].filter(({ args }) => Object.keys(args).length > 0);
    const found = [...read.keys()]
      .filter(({ args }) => toStart(args) === null)
      .map((root) => (joinable.includes(root) ? (findChain(joinable, root) ?? []) : [root]));
    const chained = new Set(found.flat());
    return [
      ...found.map((chain) => {
        const [root] = chain;
        const inOrder = root && isBackward(root.args) ? [...chain].reverse() : chain;
        return toPart('chain', shape, toRead(inOrder), root?.fieldKey ?? '');
      }),
      ...[...read.keys()]
        .filter((page) => !chained.has(page))
        .map((page) => toPart('loose', shape, toRead([page]), page.fieldKey)),
    ];
  });
  return [
    ...chains,
    ...pages.filter(isOpaque).map((page) => alone('opaque', page)),
    ...pages.filter(isEmpty).map((page) => alone('total', page)),
  ];
}

export function toCachedList({ name, pages, kind }: Part, memory: Memory | undefined): CachedList {
  const rows = new Map(pages.flatMap((page) => page.rows).map((row) => [row.id, row]));
  const totals = pages.flatMap(({ page: { total } }) => (total === undefined ? [] : [total]));
  const first = pages[0]?.page;
  const last = pages.at(-1)?.page;
  return {
    ...readArguments(first?.args),
    name,
    rows: [...rows.values()],
    hasRows: kind === 'chain' || kind === 'loose',
    // Of pages that were read at different times, the one that differs from what is remembered is the newer one.
    total: totals.find((total) => memory && total !== memory.total) ?? totals.at(-1),
    hasNext: last?.hasNext !== false || (kind === 'loose' && isBackward(last.args)),
    hasPrevious: first?.hasPrevious === true || (kind === 'loose' && !isBackward(first?.args ?? {})),
    startCursor: first?.startCursor ?? null,
    endCursor: last?.endCursor ?? null,
    isContiguous: true,
    memory,
  };
}

/**
 * The rows that each page has now. It keeps those of its own that remain. A new row goes to every page where it may stand,
 * which are two where they meet: then it stays in one of them when the other is read again.
 */
export function placeRows(pages: readonly ReadPage[], rows: readonly Row[]): readonly (readonly Row[])[] {
  const own = pages.map((page) => new Set(page.rows.map(({ id }) => id)));
  const all = new Set(own.flatMap((ids) => [...ids]));
  const isOld = ({ id }: Row) => all.has(id);
  const old = rows.filter(isOld);
  const spans = own.map((ids) => {
    const ranks = old.flatMap(({ id }, rank) => (ids.has(id) ? [rank] : []));
    return { from: ranks[0] ?? old.length, to: (ranks.at(-1) ?? -1) + 1 };
  });
  return own.map((ids, index) => {
    const start = Math.max(0, ...spans.slice(0, index).map(({ to }) => to));
    const end = Math.min(old.length, ...spans.slice(index + 1).map(({ from }) => from));
    const isNeighbour = (rank: number) => {
      const row = old[rank];
      return row !== undefined && ids.has(row.id);
    };
    let rank = 0;
    return rows.filter((row) => {
      if (isOld(row)) {
        rank += 1;
        return ids.has(row.id);
      }
      return (start <= rank && rank <= end) || isNeighbour(rank - 1) || isNeighbour(rank);
    });
  });
}
