import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ItemRange, type PageNumber, planPages } from '../../src/connection/plan-pages.ts';

const toRange = ({ currentPage, pageSize }: PageNumber) => ({
  from: (currentPage - 1) * pageSize,
  to: currentPage * pageSize,
});

const toItems = (pages: readonly PageNumber[]) => pages.reduce((sum, { pageSize }) => sum + pageSize, 0);

const windows = (limit: number, longest: number) =>
  fc
    .record({ from: fc.nat(limit), length: fc.integer({ min: 1, max: longest }) })
    .map(({ from, length }): ItemRange => ({ from, to: from + length }));

/** The cheapest of all chains, found by trying every one. */
function tryAll(window: ItemRange, largest: number): { calls: number; items: number } {
  const pages: PageNumber[] = [];
  for (let pageSize = 1; pageSize <= largest; pageSize += 1) {
    for (let currentPage = 1; (currentPage - 1) * pageSize < window.to; currentPage += 1)
      pages.push({ currentPage, pageSize });
  }
  let best = { calls: 9, items: Number.POSITIVE_INFINITY };
  const grow = (covered: number, calls: number, items: number) => {
    if (covered >= window.to) {
      if (calls < best.calls || (calls === best.calls && items < best.items)) best = { calls, items };
      return;
    }
    if (calls >= best.calls) return;
    for (const page of pages) {
      const { from, to } = toRange(page);
      if (to > covered && (calls === 0 ? from <= window.from : from < covered))
        grow(to, calls + 1, items + page.pageSize);
    }
  };
  grow(window.from, 0, 0);
  return best;
}

describe('planPages', () => {
  it('needs no more pages, and no more items, than any chain of pages that share an item', () => {
    fc.assert(
      fc.property(windows(40, 13), (window) => {
        const plan = planPages(window, 7);
        expect({ calls: plan.length, items: toItems(plan) }).toEqual(tryAll(window, 7));
      }),
      { numRuns: 150 },
    );
  });

  it('covers every window by pages of at most 100 of which each shares an item with the next', () => {
    fc.assert(
      fc.property(windows(1_000_000_000, 352), (window) => {
        const ranges = planPages(window).map(toRange);
        expect(ranges[0]?.from).toBeLessThanOrEqual(window.from);
        expect(ranges.at(-1)?.to).toBeGreaterThanOrEqual(window.to);
        for (const [index, range] of ranges.entries()) {
          expect(range.to - range.from).toBeLessThanOrEqual(100);
          const next = ranges[index + 1];
          if (next) expect(next.from).toBeLessThan(range.to);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('finds the one page that holds a window wherever there is one', () => {
    fc.assert(
      fc.property(windows(5_000, 100), ({ from, to }) => {
        const sizes = Array.from({ length: 100 }, (_, index) => index + 1);
        const smallest = sizes.find((size) => Math.floor(from / size) === Math.floor((to - 1) / size));
        const plan = planPages({ from, to });
        if (smallest === undefined) expect(plan.length).toBeGreaterThan(1);
        else expect(plan).toEqual([{ currentPage: Math.floor(from / smallest) + 1, pageSize: smallest }]);
      }),
    );
  });

  it.each<[string, ItemRange, PageNumber[]]>([
    ['25 from the start', { from: 0, to: 25 }, [{ currentPage: 1, pageSize: 25 }]],
    ['25 after position 24', { from: 25, to: 50 }, [{ currentPage: 2, pageSize: 25 }]],
    ['the positions 7 to 12', { from: 7, to: 13 }, [{ currentPage: 2, pageSize: 7 }]],
    ['the last of a million', { from: 999_999, to: 1_000_000 }, [{ currentPage: 1_000_000, pageSize: 1 }]],
  ])('reads %s by one page', (_name, window, plan) => {
    expect(planPages(window)).toEqual(plan);
  });

  it('reads 250 from the start by three pages', () => {
    expect(planPages({ from: 0, to: 250 })).toHaveLength(3);
  });
});
