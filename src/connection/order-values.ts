// The values that a list is ordered by, and how to compare them here. Instants can be compared. Titles cannot, because
// upstream's collation is unknown; nor can missing values, because it is unknown where upstream sorts them.

import type { ListQuery } from '../upstream/list-query.ts';
import type { Video } from '../upstream/shapes.ts';
import { toDigest } from './digest.ts';

export type ConnectionOrder = {
  readonly field: 'CREATED_AT' | 'PUBLISHED_AT' | 'UPDATED_AT' | 'TITLE' | 'DELETES_AT';
  readonly direction: 'ASC' | 'DESC';
};

/** Milliseconds since 1970 for an instant, a digest of eight characters for a title, null if upstream has none. */
export type OrderValue = number | string | null;

const SORT_KEYS = {
  CREATED_AT: 'createdAt',
  PUBLISHED_AT: 'publishedAt',
  UPDATED_AT: 'updatedAt',
  TITLE: 'title',
} as const;

/** The parameters that ask upstream for the order; none for DELETES_AT, which it cannot sort by. */
export function toSort(order: ConnectionOrder): Pick<ListQuery, 'sortBy' | 'sortOrder'> {
  if (order.field === 'DELETES_AT') return {};
  return { sortBy: SORT_KEYS[order.field], sortOrder: order.direction === 'ASC' ? 'asc' : 'desc' };
}

export function toOrderValue(field: ConnectionOrder['field'], video: Video): OrderValue {
  if (field === 'TITLE') return video.title === null ? null : toDigest(video.title, 8);
  const instant = video[field === 'DELETES_AT' ? 'deletesAt' : SORT_KEYS[field]];
  // The same instant may come with another offset, so the text itself cannot be compared.
  return instant === null ? null : Date.parse(instant);
}

/** Negative if `a` certainly comes before `b` in the list, positive if after, 0 if their values do not decide. */
export function compareValues(a: OrderValue, b: OrderValue, direction: ConnectionOrder['direction']): number {
  if (typeof a !== 'number' || typeof b !== 'number') return 0;
  return direction === 'ASC' ? a - b : b - a;
}

/** Names an item together with its order value: the name matches only while the item keeps its place in the order. */
export function toMark(id: string, value: OrderValue): string {
  return toDigest(JSON.stringify([id, value]), 8);
}
