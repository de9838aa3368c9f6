// Asks how videos are now, after a call whose answer was lost or left it open. The lists show what it finds.
import type { ApolloClient } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { applyResults } from 'apivideo-graphql-client/apollo';
import { TrueStatesDocument } from '../generated/documents.ts';
import { AppFault } from '../session/faults.ts';
import { faults } from '../words.ts';

export type TrueState = 'live' | 'removed' | 'gone';

export type States = ReadonlyMap<string, TrueState>;

/**
 * Leaves out the videos that could not be read.
 *
 * @param most - how many ids the gateway takes at a time.
 * @throws {Error} Apollo Client's, if none could be read.
 */
export async function readTrueStates(
  client: ApolloClient,
  ids: readonly string[],
  most: number,
): Promise<States> {
  const states = new Map<string, TrueState>();
  for (let start = 0; start < ids.length; start += most) {
    const part = ids.slice(start, start + most);
    const { data, error } = await client.query({
      query: TrueStatesDocument,
      variables: { ids: part },
      fetchPolicy: 'network-only',
      errorPolicy: 'all',
    });
    const unread = toUnread(error);
    if (!data?.nodes || unread.size >= part.length) throw error ?? new AppFault(faults.empty);
    for (const [index, id] of part.entries()) {
      if (unread.has(index)) continue;
      const node = data.nodes[index];
      if (node?.__typename === 'Video') states.set(id, node.removed ? 'removed' : 'live');
      else states.set(id, 'gone');
    }
  }
  applyResults(client.cache, toResults(states));
  return states;
}

/** The places of the videos in whose stead there is an error. Such a null does not say that they are gone. */
function toUnread(error: Error | undefined): ReadonlySet<unknown> {
  const errors = CombinedGraphQLErrors.is(error) ? error.errors : [];
  return new Set(errors.map(({ path }) => path?.[1]));
}

const TYPES = { live: 'VideoRestored', removed: 'VideoRemoved', gone: 'VideoDestroyed' } as const;

const toResults = (states: States) =>
  [...states].map(([videoId, state]) => ({ __typename: TYPES[state], videoId }));
