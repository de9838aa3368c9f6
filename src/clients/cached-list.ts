// A cached list as both caches show it to `follow`, and what `follow` remembers beside it.
import { toObject } from './changes.ts';
import type { ListArguments, ListName } from './list-arguments.ts';

export type Row = {
  readonly id: string;
  /** Null if the app did not ask for it, or if the row came from elsewhere than a page. */
  readonly cursor: string | null;
};

/** What is remembered beside a list, so that results given twice count once, and an undone row gets its old place. */
export type Memory = {
  /** The total that the rest belongs to: if a page has brought another one since, `left` and `counted` are void. */
  readonly total: number | null;
  /** The rows in order, with those that have left. */
  readonly places: readonly Row[];
  /** Ids that the total no longer counts. */
  readonly left: readonly string[];
  /** Ids that the total counts, though their rows are on pages that are not loaded. */
  readonly counted: readonly string[];
};

export type CachedList = ListArguments & {
  readonly name: ListName;
  readonly rows: readonly Row[];
  /** False if the app asked for the total alone. */
  readonly hasRows: boolean;
  /** Undefined if the app did not ask for it. */
  readonly total: number | undefined;
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
  /** Whether no page is missing between the first row and the last. */
  readonly isContiguous: boolean;
  readonly memory: Memory | undefined;
};

export type FollowedList = {
  readonly rows: readonly Row[];
  readonly total: number | undefined;
  readonly memory: Memory;
};

/** Reads from the cache the field of a video that orders a list. */
export type ReadField = (id: string, field: string) => unknown;

/** Reads it back. A cache may come from storage, so its form is checked. */
export function readMemory(stored: unknown): Memory | undefined {
  const { total, places, left, counted } = toObject(stored);
  if (!(total === null || typeof total === 'number')) return undefined;
  if (!(isListOf(places, isRow) && isListOf(left, isText) && isListOf(counted, isText))) return undefined;
  return { total, places, left, counted };
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isItem);
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isRow(value: unknown): value is Row {
  const { id, cursor } = toObject(value);
  return isText(id) && (cursor === null || isText(cursor));
}
