// The only paths that the gateway answers. A request must name one of them letter by letter: a proxy in front applies its
// rules to the path that it sees, and the gateway must see the same one.

export const PATHS = {
  graphql: '/graphql',
  health: '/health',
  ready: '/ready',
  metrics: '/metrics',
} as const;

/** Where people look for the gateway. */
export const ENTRANCES = { front: '/', graphiql: '/graphiql' } as const;

/** Those that the gateway has: none in a server that mounts it elsewhere, whose front page is another. */
export function toEntrances(graphqlPath: string, hasGraphiQL: boolean): readonly string[] {
  if (graphqlPath !== PATHS.graphql) return [];
  return hasGraphiQL ? [ENTRANCES.front, ENTRANCES.graphiql] : [ENTRANCES.front];
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
