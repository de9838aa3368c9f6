// Sends a deletion or a restore of the ids as they were when the button was pressed.
import type { ApolloClient } from '@apollo/client';
import { DeleteVideosDocument, RestoreVideosDocument } from 'apivideo-graphql-client';
import { updateVideoLists } from 'apivideo-graphql-client/apollo';
import { AppFault, isAnswerLost } from '../session/faults.ts';
import { faults } from '../words.ts';
import type { Call } from './call.ts';
import { type Outcome, readOutcome } from './outcome.ts';

/** With the same key, the same operation answers, so a lost answer is asked for again. */
const ATTEMPTS = 3;
const PAUSE_MS = 1_000;

/**
 * @param idempotencyKey - undefined for a call in the foreground. Else it starts the operation once, however often it is sent.
 * @throws {Error} Apollo Client's, if no answer came or it could not be read. A refusal does not hide that an answer was lost before.
 */
export async function send(client: ApolloClient, call: Call, idempotencyKey?: string): Promise<Outcome> {
  if (idempotencyKey === undefined) return sendOnce(client, call, {});
  let lost: unknown;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(client, call, { background: true, idempotencyKey });
    } catch (error) {
      if (isAnswerLost(error)) lost = error;
      if (lost === undefined) throw error;
      if (attempt === ATTEMPTS || lost !== error) throw lost;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
}

type Background = { readonly background?: boolean; readonly idempotencyKey?: string };

async function sendOnce(
  client: ApolloClient,
  { act, ids, isPermanentAllowed }: Call,
  background: Background,
): Promise<Outcome> {
  // Errors beside the results, such as of one field of one video, must not hide what has happened.
  const settings = { update: updateVideoLists, errorPolicy: 'all' } as const;
  if (act === 'restore') {
    const { data, error } = await client.mutate({
      mutation: RestoreVideosDocument,
      variables: { ids, options: background },
      ...settings,
    });
    return readPayload(data?.restoreVideos, error);
  }
  const { data, error } = await client.mutate({
    mutation: DeleteVideosDocument,
    variables: { ids, options: { ...background, ifPermanent: isPermanentAllowed ? 'ALLOW' : 'REFUSE' } },
    ...settings,
  });
  return readPayload(data?.deleteVideos, error);
}

function readPayload(
  payload: Parameters<typeof readOutcome>[0] | null | undefined,
  error: Error | undefined,
): Outcome {
  if (payload) return readOutcome(payload);
  throw error ?? new AppFault(faults.empty);
}
