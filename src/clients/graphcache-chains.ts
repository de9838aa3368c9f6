// Which cached pages of a list follow each other without a gap: those that name the end of another page as `after`, or
// its start as `before`, back to a page that names none. No other page may be joined to them.
import type { Page, PageArguments } from './graphcache-pages.ts';

/** The page to start at, or the arguments of one that is not cached. */
type Asked = Pick<Page, 'args'> & { readonly fieldKey?: string };

/** Whether a list is paged from its end. */
export const isBackward = ({ last, before }: PageArguments): boolean => isGiven(last) || isGiven(before);

/** The cursor that a page goes on from; null if it is the first of its chain. */
export const toStart = (args: PageArguments): unknown =>
  (isBackward(args) ? args.before : args.after) ?? null;

const toEnd = (page: Page): unknown => (isBackward(page.args) ? page.startCursor : page.endCursor);

/** The chain through one page, its root first; undefined if a page before it is missing. */
export function findChain(pages: readonly Page[], asked: Asked): readonly Page[] | undefined {
  const { args } = asked;
  const open = new Set(pages.filter((page) => isBackward(page.args) === isBackward(args)));
  const take = (isNext: (page: Page) => boolean): Page | undefined => {
    const page = pickLike([...open].filter(isNext), args);
    if (page) open.delete(page);
    return page;
  };
  const own = take(({ fieldKey }) => fieldKey === asked.fieldKey);
  const chain = own ? [own] : [];
  for (let cursor = toStart(args); cursor !== null; ) {
    const previous = take((page) => toEnd(page) === cursor);
    if (!previous) return undefined;
    chain.unshift(previous);
    cursor = toStart(previous.args);
  }
  for (let last = chain.at(-1); last; ) {
    const end = toEnd(last);
    last = end === null ? undefined : take((page) => toStart(page.args) === end);
    if (last) chain.push(last);
  }
  return chain;
}

/** The chain from the start of the list, for a page that is not in it or not cached. */
export function findRootChain(pages: readonly Page[], asked: Asked): readonly Page[] | undefined {
  const isRoot = ({ args }: Page) => toStart(args) === null && isBackward(args) === isBackward(asked.args);
  const root = pickLike(pages.filter(isRoot), asked.args);
  return root && findChain(pages, root);
}

/** Of pages that go on from the same cursor, one of the same size. */
function pickLike(pages: readonly Page[], { first, last }: PageArguments): Page | undefined {
  return pages.find(({ args }) => args.first === first && args.last === last) ?? pages.at(-1);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
