// A Graphcache list whose pages are joined.
import { stringifyVariables } from '@urql/core';
import type { Cache, ResolveInfo, Resolver } from '@urql/exchange-graphcache';
import { toObject } from './changes.ts';
import { findChain, findRootChain, isBackward } from './graphcache-chains.ts';
import { type Page, type PageArguments, readPage, SHAPES, type Shape } from './graphcache-pages.ts';
import { toListKey } from './list-arguments.ts';

/**
 * Joins the pages that follow each other by their cursors, from the first one, so that no video between them is left out.
 * Upstream's `relayPagination` joins all pages of the list, and never pages on behind one of which every video has left.
 * A list that is queried without arguments is taken as it is.
 *
 * @param typename - of the connection
 */
export function relayList(typename: string): Resolver {
  return (_parent, args, cache, info) => {
    const { parentKey, fieldName } = info;
    if (Object.keys(args).length === 0) return cache.resolve(parentKey, fieldName);
    const cached = readPages(cache, info, args);
    const own = cached.find(({ fieldKey }) => fieldKey === info.parentFieldKey);
    const asked = own ?? { args };
    const like = own ?? findRootChain(cached, asked)?.[0];
    const pages = cached.filter((page) => SHAPES.every((shape) => !like?.links[shape] || page.links[shape]));
    const through = findChain(pages, asked);
    const chain = through?.length ? through : findRootChain(pages, asked);
    // Without a first page, nothing says what comes before this one.
    if (!chain) return own && cache.resolve(parentKey, own.fieldKey);
    if (!own) {
      // Without the schema, Graphcache cannot show a part of an answer.
      if (!toObject(toObject(info).store).schema) return undefined;
      info.partial = true;
    }
    return { __typename: typename, ...join(cache, chain, own) };
  };
}

function readPages(cache: Cache, info: ResolveInfo, args: PageArguments): readonly Page[] {
  // The cache has sorted the fields of what it kept.
  const normalise = (given: unknown): unknown => JSON.parse(stringifyVariables(given));
  const key = toListKey(info.fieldName, normalise(args));
  return cache.inspectFields(info.parentKey).flatMap((field) => {
    if (field.fieldName !== info.fieldName || field.arguments === null) return [];
    if (toListKey(field.fieldName, field.arguments) !== key) return [];
    return readPage(cache, info.parentKey, field.fieldKey, field.arguments) ?? [];
  });
}

function join(cache: Cache, chain: readonly Page[], own: Page | undefined) {
  const pages = chain.some(({ args }) => isBackward(args)) ? [...chain].reverse() : chain;
  const first = pages[0];
  const last = pages.at(-1);
  const total = (own && chain.includes(own) ? own : chain.at(-1))?.total;
  return {
    ...(total === undefined ? {} : { totalCount: total }),
    ...Object.fromEntries(
      SHAPES.flatMap((shape) => {
        const links = joinLinks(cache, pages, shape);
        return links ? [[shape, links]] : [];
      }),
    ),
    pageInfo: {
      __typename: 'PageInfo',
      // A page of which every video has left still says where paging goes on, unless it was read empty.
      startCursor: pages.find(({ startCursor }) => startCursor !== null)?.startCursor ?? null,
      endCursor: [...pages].reverse().find(({ endCursor }) => endCursor !== null)?.endCursor ?? null,
      hasNextPage: last?.hasNext === true,
      hasPreviousPage: first?.hasPrevious === true,
    },
  };
}

/** A page keeps a row that the next one has as well; undefined if a page was not asked for this shape. */
function joinLinks(cache: Cache, pages: readonly Page[], shape: Shape): readonly string[] | undefined {
  const shown = new Map<unknown, string>();
  for (const page of pages) {
    const links = page.links[shape];
    if (!links) return undefined;
    for (const link of links) {
      const video = (shape === 'edges' ? cache.resolve(link, 'node') : link) ?? link;
      if (!shown.has(video)) shown.set(video, link);
    }
  }
  return [...shown.values()];
}
