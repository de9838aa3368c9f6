// React with Apollo Client: both lists page by page, deleting and restoring the ticked videos, and undo.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider, useMutation, useQuery } from '@apollo/client/react';
import {
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
  type VideosQuery,
} from 'apivideo-graphql-client';
import {
  possibleTypes,
  raiseCacheSizes,
  typePolicies,
  updateVideoLists,
} from 'apivideo-graphql-client/apollo';
import { useState } from 'react';
import { explain, Library, type List, toAnswer } from './library.tsx';

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

  return (
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
    />
  );
}

const FIRST_PAGE = { variables: { first: 25 } };
/** With `updateVideoLists`, both lists and their totals follow each call. */
const AND_BOTH_LISTS = { update: updateVideoLists, errorPolicy: 'all' } as const;

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
