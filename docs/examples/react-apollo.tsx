// React with Apollo Client: a list page by page, deleting the ticked videos, and restoring them.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider, useMutation, useQuery } from '@apollo/client/react';
import { possibleTypes, typePolicies } from 'apivideo-graphql/apollo';
import { DeleteVideosDocument, RestoreVideosDocument, VideosDocument } from 'apivideo-graphql/documents';
import { useState } from 'react';

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
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const { data, fetchMore } = useQuery(VideosDocument, { variables: { first: 25 } });
  const [deleteVideos, { data: deletion, loading }] = useMutation(DeleteVideosDocument);
  const [restoreVideos] = useMutation(RestoreVideosDocument);
  const { edges = [], pageInfo } = data?.videos ?? {};
  const results = deletion?.deleteVideos?.results ?? [];
  const failures = results.filter((result) => result.__typename === 'VideoFailure');

  return (
    <section>
      {edges.map(({ node: { id, title, removed } }) => (
        <p key={id}>
          {/* The mutations answer `id` and `removed`: the cache shows both states without another query. */}
          {removed ? (
            <button type="button" onClick={() => restoreVideos({ variables: { ids: [id] } })}>
              Restore
            </button>
          ) : (
            <input
              type="checkbox"
              onChange={() => setTicked([...ticked.filter((each) => each !== id), id])}
            />
          )}
          {title}
        </p>
      ))}
      <button
        type="button"
        disabled={!pageInfo?.hasNextPage}
        onClick={() => fetchMore({ variables: { after: pageInfo?.endCursor ?? null } })}
      >
        More
      </button>
      <button
        type="button"
        disabled={loading || ticked.length === 0}
        onClick={() => deleteVideos({ variables: { ids: ticked } })}
      >
        Delete {ticked.length}
      </button>
      {failures.map(({ videoId, message }) => (
        <p key={videoId}>
          {videoId}: {message}
        </p>
      ))}
    </section>
  );
}
