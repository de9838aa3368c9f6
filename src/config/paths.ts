// The only paths that the gateway answers. A request must name one of them letter by letter: a proxy in front applies its
// rules to the path that it sees, and the gateway must see the same one.

export const PATHS = {
  graphql: '/graphql',
  health: '/health',
  ready: '/ready',
  metrics: '/metrics',
} as const;

/** Where people look for the gateway, and the second page of the web app. */
export const ENTRANCES = { front: '/', graphiql: '/graphiql', removed: '/removed' } as const;

/** A file that the pages of the web app load: no name that a URL parser would take for the way to another path. */
const ASSET = /^\/assets\/[\w-][\w.-]*$/;

/** What the gateway has for people, beside the paths for programs. */
export type Entrances = { readonly paths: readonly string[]; readonly hasWebApp: boolean };

/** None in a server that mounts the gateway elsewhere, whose front page is another. */
export function toEntrances(
  graphqlPath: string,
  { graphiql, webApp }: { readonly graphiql: boolean; readonly webApp: boolean },
): Entrances {
  if (graphqlPath !== PATHS.graphql) return { paths: [], hasWebApp: false };
  const others = [...(graphiql ? [ENTRANCES.graphiql] : []), ...(webApp ? [ENTRANCES.removed] : [])];
  return { paths: [ENTRANCES.front, ...others], hasWebApp: webApp };
}

export function isEntrance({ paths, hasWebApp }: Entrances, path: string): boolean {
  return paths.includes(path) || (hasWebApp && ASSET.test(path));
}

/**
 * The path of GraphQL in a server that mounts the gateway.
 *
 * @param path - as `createGateway` gets it; undefined for the gateway's own.
 * @throws {Error} if requests could not name it letter by letter, or it is one of the others.
 */
export function readGraphqlPath(path: string = PATHS.graphql): string {
  const others: readonly string[] = [PATHS.health, PATHS.ready, PATHS.metrics];
  const isPlain =
    /^\/$|^(?:\/[\w.~-]+)+\/?$/.test(path) && new URL(path, 'http://localhost').pathname === path;
  if (isPlain && !others.includes(path)) return path;
  throw new Error(
    `The path for GraphQL: expected one such as /api/videos, of letters, digits and -._~ between slashes, and not one of ${others.join(', ')}, and got ${JSON.stringify(path)}.`,
  );
}
