// Cancels operations, and undoes them by others. A lost answer is asked for again: neither has an effect twice.
import type { ApolloClient } from '@apollo/client';
import {
  CancelOperationDocument,
  type OperationDetailsFragment,
  UndoOperationDocument,
} from 'apivideo-graphql-client';
import { updateVideoLists } from 'apivideo-graphql-client/apollo';
import { AppFault, isAnswerLost } from '../session/faults.ts';
import { faults } from '../words.ts';

const ATTEMPTS = 3;
const PAUSE_MS = 1_000;

export type Answer = {
  readonly operation: OperationDetailsFragment | null | undefined;
  /** Why the gateway did nothing. */
  readonly mistake: string | undefined;
};

/** @throws {Error} Apollo Client's, if no answer came. */
export function cancelOperation(client: ApolloClient, id: string): Promise<Answer> {
  return repeatIfLost(async () => {
    const { data } = await client.mutate({
      mutation: CancelOperationDocument,
      variables: { id },
      update: updateVideoLists,
    });
    return toAnswer(data?.cancelOperation);
  });
}

/**
 * However few videos it restores, it is an operation too, with a strip that shows what became of each.
 *
 * @throws {Error} Apollo Client's, if no answer came.
 */
export function undoOperation(client: ApolloClient, id: string, idempotencyKey: string): Promise<Answer> {
  return repeatIfLost(async () => {
    const { data } = await client.mutate({
      mutation: UndoOperationDocument,
      variables: { id, options: { background: true, idempotencyKey } },
      update: updateVideoLists,
    });
    return toAnswer(data?.undoOperation);
  });
}

type Payload = {
  readonly operation: OperationDetailsFragment | null;
  readonly userErrors: readonly { readonly message: string }[];
};

function toAnswer(payload: Payload | null | undefined): Answer {
  if (!payload) throw new AppFault(faults.empty);
  return { operation: payload.operation, mistake: payload.userErrors[0]?.message };
}

async function repeatIfLost(call: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || !isAnswerLost(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** (attempt - 1)));
    }
  }
}
