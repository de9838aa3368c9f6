// Goes through a long list without holding up everything else.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many items one turn of the event loop takes: a few milliseconds of simple work. */
export const ITEMS_A_TURN = 5_000;

/** Calls a function for each item, in order, some of them in each turn of the event loop. */
export async function inTurns<T>(items: readonly T[], act: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += ITEMS_A_TURN) {
    if (items.length > ITEMS_A_TURN) await nextTurn();
    for (const item of items.slice(from, from + ITEMS_A_TURN)) act(item);
  }
}
