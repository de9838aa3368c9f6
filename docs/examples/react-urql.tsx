// React with urql and its normalised cache: both lists page by page, deleting and restoring the ticked videos, and undo.
import { cacheExchange } from '@urql/exchange-graphcache';
import {
  DeleteVideosDocument,
  RemovedVideosDocument,
  RestoreVideosDocument,
  VideosDocument,
  type VideosQuery,
} from 'apivideo-graphql-client';
import { keys, resolvers, schema, updates } from 'apivideo-graphql-client/urql';
import { useState } from 'react';
import {
  Client,
  type CombinedError,
  fetchExchange,
  Provider,
  type TypedDocumentNode,
  useMutation,
  useQuery,
} from 'urql';
import { explain, Library, type List, toAnswer } from './library.tsx';

const client = new Client({
  url: 'http://127.0.0.1:4000/graphql',
  exchanges: [cacheExchange({ keys, resolvers, schema, updates }), fetchExchange],
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

  return (
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
    />
  );
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
