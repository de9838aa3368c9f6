// What Apollo Client's cache has no public way to say. If a version keeps it elsewhere, the answers are the careful ones.

/** Whether the cache now records an optimistic answer, which it can take back. It has no public way to ask. */
export function isOptimistic(cache: object): boolean {
  const layer = 'data' in cache ? cache.data : undefined;
  return typeof layer === 'object' && layer !== null && 'parent' in layer;
}

/**
 * Lets Apollo read a list that lacks a row's fields, or that was dropped. It compares what a query lacks with what it lacked
 * before, and if that was so while an answer was only expected, it would not read. There is no public way to say so.
 */
export function forgetIncomplete(cache: object): void {
  const watches: unknown = 'watches' in cache ? cache.watches : undefined;
  if (!(watches instanceof Set)) return;
  for (const watch of watches)
    if (isWatch(watch) && watch.lastDiff?.complete === false) watch.lastDiff = undefined;
}

type Watch = { lastDiff: { readonly complete?: boolean } | undefined };

const isWatch = (value: unknown): value is Watch =>
  typeof value === 'object' && value !== null && 'lastDiff' in value;
