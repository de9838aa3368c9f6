// How many results Apollo Client's caches remember. By default, lists of thousands of rows do not fit, and each change reads
// all of them anew.
import { cacheSizes } from './apollo-utilities.ts';

/**
 * For each row: its edge, the video, its assets and its pairs of metadata, some seven. They count several times: for a second
 * query, for optimistic answers, and for earlier results until Apollo Client lets go of them.
 */
const OBJECTS_PER_ROW = 60;
/** The video's tags and metadata, as often. */
const LISTS_PER_ROW = 20;

/** Apollo Client's own sizes. */
const DEFAULT_OBJECTS = 50_000;
const DEFAULT_LISTS = 10_000;

/**
 * Makes room for lists of as many rows, together, as are given. It changes only caches created afterwards, so call it
 * before `new InMemoryCache`. Sizes that the app has made larger stay as they are.
 */
export function raiseCacheSizes(rows = 10_000): void {
  raise('inMemoryCache.executeSelectionSet', rows * OBJECTS_PER_ROW, DEFAULT_OBJECTS);
  raise('inMemoryCache.executeSubSelectedArray', rows * LISTS_PER_ROW, DEFAULT_LISTS);
}

function raise(
  name: 'inMemoryCache.executeSelectionSet' | 'inMemoryCache.executeSubSelectedArray',
  size: number,
  byDefault: number,
): void {
  cacheSizes[name] = Math.max(size, cacheSizes[name] ?? byDefault);
}
