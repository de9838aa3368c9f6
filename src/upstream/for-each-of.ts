/** How many videos of a batch are in progress at a time. */
export const MOST_IN_PROGRESS = 500;

/**
 * Calls an async function for each item, so many at a time, in order. So 100,000 items cost no more memory at once than
 * `most` of them.
 *
 * @param act - must not reject.
 */
export async function forEachOf<T>(
  items: readonly T[],
  most: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const work = async () => {
    // All workers take from the same iterator.
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, work));
}
