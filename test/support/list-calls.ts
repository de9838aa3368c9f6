import type { SandboxRequest } from '../../src/sandbox/server.ts';

/** The requests for lists at a path, by default of live videos, without the one that detects the dialect. */
export const toLists = (requests: readonly SandboxRequest[], path = '/videos') =>
  requests.filter((each) => each.method === 'GET' && each.path === path && !isDialectLook(each));

const isDialectLook = ({ path, query }: SandboxRequest) =>
  path === '/discarded/videos' && query.get('pageSize') === '1';
