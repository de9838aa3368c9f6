import type { SandboxRequest } from '../../src/sandbox/server.ts';

/** Lists that upstream was asked for, of live videos or at another path; not the one look for the dialect. */
export const toLists = (requests: readonly SandboxRequest[], path = '/videos') =>
  requests.filter((each) => each.method === 'GET' && each.path === path && !isDialectLook(each));

const isDialectLook = ({ path, query }: SandboxRequest) =>
  path === '/discarded/videos' && query.get('pageSize') === '1';
