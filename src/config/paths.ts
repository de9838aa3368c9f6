// The only paths that the gateway answers. A request must name one of them letter by letter: a proxy in front applies its
// rules to the path that it sees, and the gateway must see the same one.

export const PATHS = {
  graphql: '/graphql',
  health: '/health',
  ready: '/ready',
  metrics: '/metrics',
} as const;
