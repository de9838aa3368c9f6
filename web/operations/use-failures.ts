// Reads which videos an operation has failed for, page by page.
import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { type OperationDetailsFragment, OperationResultsDocument } from 'apivideo-graphql-client';
import { useEffect, useState } from 'react';
import type { Failure } from '../acts/outcome.ts';
import { explain } from '../session/faults.ts';
import { countFailed } from './sentences.ts';

const PAGE = 250;
const MOST = 10_000;

type Read = {
  readonly failures: readonly Failure[];
  /** When it was read, in ms since the epoch. */
  readonly at: number;
};

export function useFailures(operation: OperationDetailsFragment) {
  const client = useApolloClient();
  const [attempt, setAttempt] = useState(0);
  const [read, setRead] = useState<Read>();
  const [fault, setFault] = useState<string>();
  const { id, status } = operation;
  const most = Math.min(MOST, countFailed(operation));
  const isCancelled = status === 'CANCELLED';
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    setFault(undefined);
    readFailures(client, { id, most, isCancelled, signal }).then(
      (failures) => signal.aborted || setRead({ failures, at: Date.now() }),
      (error) => signal.aborted || setFault(explain(error)),
    );
    return () => controller.abort();
  }, [client, id, most, isCancelled, attempt]);
  return { read, fault, retry: () => setAttempt(attempt + 1) };
}

/** Without what a cancelled operation has left as it was: nothing went wrong with that. */
async function readFailures(
  client: ApolloClient,
  {
    id,
    most,
    isCancelled,
    signal,
  }: {
    readonly id: string;
    readonly most: number;
    readonly isCancelled: boolean;
    readonly signal: AbortSignal;
  },
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  let after: string | null = null;
  while (failures.length < most && !signal.aborted) {
    const results = await readPage(client, id, after);
    if (!results) break;
    for (const { node } of results.edges) {
      if (node.__typename !== 'VideoFailure') continue;
      if (isCancelled && node.code === 'NOT_ATTEMPTED') continue;
      failures.push(node);
    }
    const { hasNextPage, endCursor } = results.pageInfo;
    // Reading on from the same place, or to ever more pages without rows, would never end.
    if (!hasNextPage || endCursor === after || results.edges.length === 0) break;
    after = endCursor;
  }
  return failures;
}

async function readPage(client: ApolloClient, id: string, after: string | null) {
  const { data } = await client.query({
    query: OperationResultsDocument,
    variables: { id, first: PAGE, after, failedOnly: true },
    fetchPolicy: 'no-cache',
  });
  return data?.operation?.results;
}
