// Parts of the ids of a search.

/** As many of them, from the first to the last. */
export function spread<T>(items: readonly T[], count: number): readonly T[] {
  return Array.from(
    { length: count },
    (_, index) => items[Math.floor((index * items.length) / count)],
  ).filter((item) => item !== undefined);
}

/** Those that meet the condition, and the others. */
export function partition<T>(items: Iterable<T>, isFirst: (item: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []];
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item);
  return parts;
}
