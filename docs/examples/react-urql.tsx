// React with urql and its normalised cache: a list page by page, deleting the ticked videos, and restoring them.
import { cacheExchange } from '@urql/exchange-graphcache';
import { DeleteVideosDocument, RestoreVideosDocument, VideosDocument } from 'apivideo-graphql/documents';
import { keys, resolvers, schema } from 'apivideo-graphql/urql';
import { useState } from 'react';
import { Client, fetchExchange, Provider, useMutation, useQuery } from 'urql';

const client = new Client({
  url: 'http://127.0.0.1:4000/graphql',
  exchanges: [cacheExchange({ keys, resolvers, schema }), fetchExchange],
});

export function App() {
  return (
    <Provider value={client}>
      <Videos />
    </Provider>
  );
}

function Videos() {
  const [after, setAfter] = useState<string | null>(null);
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const [{ data }] = useQuery({ query: VideosDocument, variables: { first: 25, after } });
  const [{ data: deletion, fetching }, deleteVideos] = useMutation(DeleteVideosDocument);
  const [, restoreVideos] = useMutation(RestoreVideosDocument);
  const { edges = [], pageInfo } = data?.videos ?? {};
  const results = deletion?.deleteVideos?.results ?? [];
  const failures = results.filter((result) => result.__typename === 'VideoFailure');

  return (
    <section>
      {edges.map(({ node: { id, title, removed } }) => (
        <p key={id}>
          {removed ? (
            <button type="button" onClick={() => restoreVideos({ ids: [id] })}>
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
        onClick={() => setAfter(pageInfo?.endCursor ?? null)}
      >
        More
      </button>
      <button
        type="button"
        disabled={fetching || ticked.length === 0}
        onClick={() => deleteVideos({ ids: ticked })}
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
