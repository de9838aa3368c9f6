// React with Apollo Client: both lists page by page, deleting and restoring the ticked videos, undo, and deletions in the
// background.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider, useMutation, useQuery } from '@apollo/client/react';
import {
  CancelOperationDocument,
  DeleteVideosDocument,
  OperationsDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  UndoOperationDocument,
  VideosDocument,
  type VideosQuery,
} from 'apivideo-graphql-client';
import {
  followOperation,
  possibleTypes,
  raiseCacheSizes,
  typePolicies,
  updateVideoLists,
} from 'apivideo-graphql-client/apollo';
import { useEffect, useState } from 'react';
import { explain, Library, type List, toAnswer } from './library.tsx';
import { type Calls, Operations, useStart } from './operations.tsx';

// Apollo Client's own sizes make lists of thousands of rows slow.
raiseCacheSizes();
const client = new ApolloClient({
  link: new HttpLink({ uri: 'http://127.0.0.1:4000/graphql' }),
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
});

export function App() {
  return (
    <ApolloProvider client={client}>
      <Videos />
    </ApolloProvider>
  );
}

function Videos() {
  const live = useQuery(VideosDocument, FIRST_PAGE);
  const removed = useQuery(RemovedVideosDocument, FIRST_PAGE);
  const [deleteVideos] = useMutation(DeleteVideosDocument, AND_BOTH_LISTS);
  const [restoreVideos] = useMutation(RestoreVideosDocument, AND_BOTH_LISTS);
  const { operations, problem, calls } = useOperations();
  const { start, problem: refusal } = useStart(calls.startDeletion);

  return (
    <>
      <Operations
        operations={operations}
        problem={refusal ?? problem}
        cancel={calls.cancel}
        undo={calls.undo}
      />
      <Library
        live={useList(live, (live.data ?? live.previousData)?.videos)}
        removed={useList(removed, (removed.data ?? removed.previousData)?.removedVideos)}
        deleteVideos={async (ids) => {
          const { data, error } = await deleteVideos({ variables: { ids } });
          return toAnswer(data?.deleteVideos, error);
        }}
        restoreVideos={async (ids) => {
          const { data, error } = await restoreVideos({ variables: { ids } });
          return toAnswer(data?.restoreVideos, error);
        }}
        startDeletion={start}
      />
    </>
  );
}

const FIRST_PAGE = { variables: { first: 25 } };
/** With `updateVideoLists`, both lists and their totals follow each call. */
const AND_BOTH_LISTS = { update: updateVideoLists, errorPolicy: 'all' } as const;

/** The caller's newest operations: also those that another page has started, or this one before it was loaded again. */
function useOperations() {
  const [isPolling, setPolling] = useState(true);
  const { data, error, client } = useQuery(OperationsDocument, {
    variables: { first: 10 },
    pollInterval: isPolling ? 2000 : 0,
  });
  const operations = data?.operations?.edges.map(({ node }) => node);
  const isAnyOpen = operations?.some(({ finishedAt }) => finishedAt === null);
  useEffect(() => {
    // Both lists follow too, while there is something to follow.
    for (const operation of operations ?? []) followOperation(client.cache, operation);
    if (isAnyOpen !== undefined) setPolling(isAnyOpen);
  }, [operations, isAnyOpen, client]);

  const [deleteVideos] = useMutation(DeleteVideosDocument, AND_BOTH_LISTS);
  const [cancelOperation] = useMutation(CancelOperationDocument, AND_BOTH_LISTS);
  const [undoOperation] = useMutation(UndoOperationDocument, AND_BOTH_LISTS);
  const calls: Calls = {
    startDeletion: async (ids, idempotencyKey) => {
      const options = { background: true, idempotencyKey };
      const { data: answer, error: failure } = await deleteVideos({ variables: { ids, options } });
      return explain(failure) ?? answer?.deleteVideos?.userErrors[0]?.message;
    },
    cancel: async (id) => {
      const { data: answer, error: failure } = await cancelOperation({ variables: { id } });
      return explain(failure) ?? answer?.cancelOperation?.userErrors[0]?.message;
    },
    undo: async (id) => {
      const { data: answer, error: failure } = await undoOperation({
        variables: { id, options: { background: true } },
      });
      return explain(failure) ?? answer?.undoOperation?.userErrors[0]?.message;
    },
  };
  // Where nothing could be loaded at all, the lists say why.
  return { operations: operations ?? [], problem: operations && explain(error), calls };
}

type Query = {
  readonly error?: Error | undefined;
  readonly loading: boolean;
  readonly refetch: () => Promise<unknown>;
  readonly fetchMore: (options: { variables: { after: string | null } }) => Promise<unknown>;
};

function useList(query: Query, connection: VideosQuery['videos'] | undefined): List {
  const [problem, setProblem] = useState<string>();
  const { error, loading, refetch, fetchMore } = query;
  const loadMore = () =>
    fetchMore({ variables: { after: connection?.pageInfo.endCursor ?? null } }).then(
      () => setProblem(undefined),
      (reason) => setProblem(explain(reason)),
    );
  return {
    videos: connection?.edges.map(({ node }) => node) ?? [],
    total: connection?.totalCount,
    isLoading: loading,
    problem: problem ?? explain(error),
    // If this fails too, `error` says so.
    reload: () => (problem === undefined ? refetch().catch(() => undefined) : loadMore()),
    loadMore: connection?.pageInfo.hasNextPage ? loadMore : undefined,
  };
}
