// Apollo Client with the settings that the gateway's client package has for it.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { possibleTypes, raiseCacheSizes, typePolicies } from 'apivideo-graphql-client/apollo';
import { fetchSignedIn } from './session/fetch-signed-in.ts';

// Without room for a long list, each change would read all of it anew.
raiseCacheSizes(20_000);

export const client = new ApolloClient({
  // Relative to the page, which may be below a prefix.
  link: new HttpLink({ uri: new URL('graphql', document.baseURI).href, fetch: fetchSignedIn }),
  cache: new InMemoryCache({
    possibleTypes,
    // A list reads fewer of a video's addresses than its preview does, and must not take away the others.
    typePolicies: { ...typePolicies, VideoAssets: { merge: true } },
  }),
});
