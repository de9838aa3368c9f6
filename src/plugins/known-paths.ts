import type { Plugin } from 'graphql-yoga';
import { type Entrances, isEntrance } from '../config/paths.ts';
import { wantsPage } from './accept.ts';
import { isPreflight } from './cors.ts';
import { type Guide, isRead } from './front-page.ts';
import { refuse } from './refuse.ts';

/**
 * Answers 404 unless the path of the request, as it was sent, is one of `paths` or `entrances`. A URL parser would make
 * `/graphql` of `/x/../graphql`, and Yoga takes any address that ends with `/graphql`. Later plugins may therefore rely on
 * `url.pathname`, except for a preflight: `cors.ts` ends each, so that a page can read the 404 of its request.
 *
 * @param entrances - paths to read that the answer does not name.
 * @param guide - writes the page for browsers; undefined if they get the same as programs.
 */
export function useKnownPaths(
  paths: readonly string[],
  entrances: Entrances,
  guide: Guide | undefined,
): Plugin {
  const message = `There is nothing at this path. The paths are ${paths.join(', ')}.`;
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      const path = readPath(request.url);
      const isKnown = paths.includes(path) || (isRead(request) && isEntrance(entrances, path));
      if (isKnown || isPreflight(request)) return;
      const page = wantsPage(request) && guide?.toPage(fetchAPI, 404);
      endResponse(page || refuse(fetchAPI, 404, 'BAD_USER_INPUT', message));
    },
  };
}

/** The part between the host and the query, unchanged. */
function readPath(url: string): string {
  const [, path = ''] = /^[^/]*\/\/[^/?]*([^?]*)/.exec(url) ?? [];
  return path;
}
