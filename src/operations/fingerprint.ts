// Tells whether two calls have the same arguments: a digest, equal for the same ids in any order.
import { createHash, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ITEMS_A_TURN, inTurns } from './in-turns.ts';

/** 4,096 groups: of 100,000 ids, each has some 25. */
const KEY_DIGITS = 3;

/**
 * @param options - what the call itself gave, not the defaults of the deployment: these may change between two calls.
 * @param ids - distinct.
 */
export async function createFingerprint(
  options: Readonly<Record<string, string | null>>,
  ids: readonly string[],
): Promise<string> {
  // Sorting 100,000 ids would hold up everything else for a tenth of a second. Sorting some at a time gives one order, too;
  // their digests decide which, because ids may all begin or end alike.
  const groups = new Map<string, string[]>();
  await inTurns(ids, (id) => {
    const key = hash('sha256', id, 'hex').slice(0, KEY_DIGITS);
    const group = groups.get(key);
    if (group) group.push(id);
    else groups.set(key, [id]);
  });
  const whole = createHash('sha256').update(JSON.stringify(options));
  let sorted = 0;
  for (const key of [...groups.keys()].sort()) {
    const group = groups.get(key) ?? [];
    whole.update(JSON.stringify(group.sort()));
    sorted += group.length;
    if (sorted < ITEMS_A_TURN) continue;
    sorted = 0;
    await nextTurn();
  }
  return whole.digest('base64url');
}
