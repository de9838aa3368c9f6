import type { Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

/**
 * Answers 404 unless the path of the request, as it was sent, is one of `paths`. A URL parser would make `/graphql` of
 * `/x/../graphql`, and Yoga takes any address that ends with `/graphql`. Later plugins may therefore rely on `url.pathname`.
 */
export function useKnownPaths(paths: readonly string[]): Plugin {
  const message = `There is nothing at this path. The paths are ${paths.join(', ')}.`;
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (!paths.includes(readPath(request.url))) {
        endResponse(refuse(fetchAPI, 404, 'BAD_USER_INPUT', message));
      }
    },
  };
}

/** The part between the host and the query, unchanged. */
function readPath(url: string): string {
  const [, path = ''] = /^[^/]*\/\/[^/?]*([^?]*)/.exec(url) ?? [];
  return path;
}
