// Chooses the numbered pages to read for a window of a list. Adjacent pages share at least one item: concurrent reads
// answer from different moments, and only an item on both proves that nothing slipped through between them.

/** Positions from `from` up to, not including, `to`. */
export type ItemRange = { readonly from: number; readonly to: number };

/** One upstream page: it holds the positions from (currentPage - 1) * pageSize on. */
export type PageNumber = { readonly currentPage: number; readonly pageSize: number };

/** The most items that upstream puts on one page. */
export const LARGEST_PAGE = 100;

/** A chain of pages, given by its last one. */
type Chain = {
  readonly page: PageNumber;
  readonly previous: Chain | undefined;
  readonly calls: number;
  readonly items: number;
};

/**
 * The fewest pages whose chain covers the window, and among those the ones with the fewest items, in the list's order.
 *
 * @param largest - the largest page that upstream returns; smaller ones are for tests.
 */
export function planPages(window: ItemRange, largest: number = LARGEST_PAGE): PageNumber[] {
  const one = planOnePage(window, largest);
  return one ? [one] : planChain(window, largest);
}

/** The smallest page that holds the whole window: enough for nearly every call. */
function planOnePage({ from, to }: ItemRange, largest: number): PageNumber | undefined {
  for (let pageSize = to - from; pageSize <= largest; pageSize += 1) {
    const page = Math.floor(from / pageSize);
    if (to <= (page + 1) * pageSize) return { currentPage: page + 1, pageSize };
  }
  return undefined;
}

function planChain({ from, to }: ItemRange, largest: number): PageNumber[] {
  // The cheapest chain up to each position of the window, among pages that end before the current one.
  const chains: (Chain | undefined)[] = [];
  for (let end = from + 1; end < to + largest; end += 1) {
    for (let pageSize = 1; pageSize <= largest; pageSize += 1) {
      if (end % pageSize !== 0) continue;
      const start = end - pageSize;
      let previous: Chain | undefined;
      if (start > from) {
        for (let joint = start + 1; joint < Math.min(end, to); joint += 1) {
          previous = cheaper(chains[joint - from], previous);
        }
        if (!previous) continue;
      }
      const reached = Math.min(end, to) - from;
      const chain = {
        page: { currentPage: end / pageSize, pageSize },
        previous,
        calls: (previous?.calls ?? 0) + 1,
        items: (previous?.items ?? 0) + pageSize,
      };
      chains[reached] = cheaper(chain, chains[reached]);
    }
  }
  const pages: PageNumber[] = [];
  for (let chain = chains[to - from]; chain; chain = chain.previous) pages.unshift(chain.page);
  return pages;
}

/** The plan with the fewest pages among those of the windows; the first of them if several have as few. */
export function planOneOf(windows: readonly ItemRange[]): PageNumber[] {
  let best: PageNumber[] = [];
  for (const window of windows) {
    const plan = planPages(window);
    if (best.length === 0 || plan.length < best.length) best = plan;
  }
  return best;
}

function cheaper(a: Chain | undefined, b: Chain | undefined): Chain | undefined {
  if (!a || !b) return a ?? b;
  return a.calls < b.calls || (a.calls === b.calls && a.items < b.items) ? a : b;
}
