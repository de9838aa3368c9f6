// Whether what an operation has done was taken back since. The key of an earlier call may find one that ended long ago.
import type { ApolloClient } from '@apollo/client';
import type { Call } from './call.ts';
import { toWanted } from './judge.ts';
import { type Outcome, toSettled } from './outcome.ts';
import { readTrueStates } from './true-states.ts';

/** How many videos are looked at, of all parts of the operation: each may cost a read of api.video. */
const MOST_LOOKED_AT = 250;

/**
 * Whether to begin anew: what the operation says is not so any more, or it was cancelled, so that it will not do the rest.
 *
 * @param most - how many ids the gateway takes at a time.
 * @throws {Error} Apollo Client's, if the videos could not be read.
 */
export async function readIsOvertaken(
  client: ApolloClient,
  { act, ids }: Call,
  outcome: Outcome,
  most: number,
): Promise<boolean> {
  const { operation } = outcome;
  if (!operation || operation.finishedAt === null) return false;
  if (operation.status === 'CANCELLED') return true;
  // A long one comes without its results, so that nobody knows which of its videos have failed.
  const hasResults = ids.length <= most;
  const settled = hasResults ? toSettled(outcome) : ids;
  const step = Math.ceil(settled.length / MOST_LOOKED_AT);
  const states = await readTrueStates(
    client,
    settled.filter((_, at) => at % step === 0),
    most,
  );
  const others = [...states.values()].filter((state) => state !== toWanted(act) && state !== 'gone');
  return others.length > (hasResults ? 0 : operation.failed);
}
