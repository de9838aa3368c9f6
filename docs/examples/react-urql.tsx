// React with urql and its normalised cache: both lists page by page, deleting and restoring the ticked videos, undo, and
// deletions in the background.
import { cacheExchange } from '@urql/exchange-graphcache';
import {
  CancelOperationDocument,
  DeleteVideosDocument,
  FollowOperationDocument,
  OperationsDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  UndoOperationDocument,
  VideosDocument,
  type VideosQuery,
} from 'apivideo-graphql-client';
import { keys, resolvers, schema, updates } from 'apivideo-graphql-client/urql';
import { useEffect, useState } from 'react';
import {
  Client,
  type CombinedError,
  fetchExchange,
  Provider,
  type TypedDocumentNode,
  useMutation,
  useQuery,
  useSubscription,
} from 'urql';
import { explain, Library, type List, toAnswer } from './library.tsx';
import { type Calls, Operations, useStart } from './operations.tsx';

const client = new Client({
  url: 'http://127.0.0.1:4000/graphql',
  exchanges: [cacheExchange({ keys, resolvers, schema, updates }), fetchExchange],
  // Follows operations by a stream of the gateway's.
  fetchSubscriptions: true,
});

export function App() {
  return (
    <Provider value={client}>
      <Videos />
    </Provider>
  );
}

function Videos() {
  const [, deleteVideos] = useMutation(DeleteVideosDocument);
  const [, restoreVideos] = useMutation(RestoreVideosDocument);
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
        live={useList(VideosDocument, ({ videos }) => videos)}
        removed={useList(RemovedVideosDocument, ({ removedVideos }) => removedVideos)}
        deleteVideos={async (ids) => {
          const { data, error } = await deleteVideos({ ids });
          return toAnswer(data?.deleteVideos, unwrap(error));
        }}
        restoreVideos={async (ids) => {
          const { data, error } = await restoreVideos({ ids });
          return toAnswer(data?.restoreVideos, unwrap(error));
        }}
        startDeletion={start}
      />
    </>
  );
}

/** The caller's newest operations: also those that another page has started, or this one before it was loaded again. */
function useOperations() {
  const [{ data, error }, reload] = useQuery({ query: OperationsDocument, variables: { first: 10 } });
  const operations = data?.operations?.edges.map(({ node }) => node) ?? [];
  // What the stream brings goes to the cache, where the query above finds it. Both lists follow too. When this one has ended, the
  // next one is followed.
  const open = operations.find(({ finishedAt }) => finishedAt === null);
  // One that this page has started may have ended before the query finds it: the stream tells the lists of the end.
  const [started, setStarted] = useState<string>();
  const followed = open?.id ?? started;
  const [{ fetching, error: refusal }, subscribe] = useSubscription({
    query: FollowOperationDocument,
    variables: { id: followed ?? '' },
    pause: followed === undefined,
  });
  const isLost = open !== undefined && !fetching && !refusal?.graphQLErrors.length;
  useEffect(() => {
    if (!isLost) return;
    // The gateway or a proxy has ended the stream.
    const timer = setTimeout(subscribe, 2000);
    return () => clearTimeout(timer);
  }, [isLost, subscribe]);

  useEffect(() => {
    if (!error) return;
    const timer = setTimeout(() => reload({ requestPolicy: 'network-only' }), 2000);
    return () => clearTimeout(timer);
  }, [error, reload]);

  const [, deleteVideos] = useMutation(DeleteVideosDocument);
  const [, cancelOperation] = useMutation(CancelOperationDocument);
  const [, undoOperation] = useMutation(UndoOperationDocument);
  const calls: Calls = {
    startDeletion: async (ids, idempotencyKey) => {
      const options = { background: true, idempotencyKey };
      const { data: answer, error: failure } = await deleteVideos({ ids, options });
      setStarted(answer?.deleteVideos?.operation?.id);
      return explain(unwrap(failure)) ?? answer?.deleteVideos?.userErrors[0]?.message;
    },
    cancel: async (id) => {
      const { data: answer, error: failure } = await cancelOperation({ id });
      return explain(unwrap(failure)) ?? answer?.cancelOperation?.userErrors[0]?.message;
    },
    undo: async (id) => {
      const { data: answer, error: failure } = await undoOperation({ id, options: { background: true } });
      setStarted(answer?.undoOperation?.operation?.id);
      return explain(unwrap(failure)) ?? answer?.undoOperation?.userErrors[0]?.message;
    },
  };
  // Where nothing could be loaded at all, the lists say why.
  return { operations, problem: data && explain(unwrap(error)), calls };
}

type Page = { readonly first: number; readonly after?: string | null };

function useList<Data>(
  query: TypedDocumentNode<Data, Page>,
  read: (data: Data) => VideosQuery['videos'],
): List {
  const [after, setAfter] = useState<string | null>(null);
  const [{ data, error, fetching }, reload] = useQuery({ query, variables: { first: 25, after } });
  // A page that failed has no data, but the pages before it are in the cache.
  const shown = data ?? client.readQuery(query, { first: 25 }, { requestPolicy: 'cache-only' })?.data;
  const connection = shown && read(shown);
  // The pages before it were dropped, so that they are read again.
  if (after !== null && data && connection?.pageInfo.hasPreviousPage) setAfter(null);
  return {
    videos: connection?.edges.map(({ node }) => node) ?? [],
    total: connection?.totalCount,
    isLoading: fetching,
    problem: explain(unwrap(error)),
    reload: () => reload({ requestPolicy: 'network-only' }),
    loadMore: connection?.pageInfo.hasNextPage ? () => setAfter(connection.pageInfo.endCursor) : undefined,
  };
}

function unwrap(error: CombinedError | undefined): Error | undefined {
  return error?.networkError ?? error?.graphQLErrors[0];
}
