// The SQL of a part of a list.
import type { Slice } from './operation-store.ts';

type Order = 'ASC' | 'DESC';

/**
 * @param column - what the list is ordered by, and its cursors hold.
 * @param order - that of the list. With `fromEnd`, the rows come in the opposite order: see `inOrder`.
 * @param placeholder - the number of the first placeholder. It is the limit.
 */
export function cut(column: string, slice: Slice, order: Order, placeholder: number) {
  const { after, before, limit, fromEnd } = slice;
  const values = [limit];
  let condition = '';
  for (const [cursor, isBefore] of [
    [after, false],
    [before, true],
  ] as const) {
    if (cursor === undefined) continue;
    values.push(cursor);
    const sign = isBefore === (order === 'ASC') ? '<' : '>';
    condition += ` AND ${column} ${sign} $${placeholder + values.length - 1}`;
  }
  const opposite = order === 'ASC' ? 'DESC' : 'ASC';
  return { condition, order: fromEnd ? opposite : order, values };
}

/** The rows of a slice in the order of their list. */
export function inOrder<T>(rows: readonly T[], { fromEnd }: Slice): readonly T[] {
  return fromEnd ? rows.toReversed() : rows;
}
