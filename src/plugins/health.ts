// What supervisors of the process ask: whether it lives, and whether to send requests here. Neither asks upstream.
import type { Plugin } from 'graphql-yoga';
import type { Projects } from '../project/projects.ts';

/** What the process itself is doing; upstream's state is told beside it and changes no status. */
export type Readiness = { status: 'starting' | 'ready' | 'draining' };

/**
 * `/health`: 200 while the process lives. `/ready`: 503 while it starts or drains, with what was last seen of upstream.
 *
 * @param projects - the gateway's own; undefined where the projects are its callers', and nobody else's to know of.
 */
export function useHealth(readiness: Readiness, projects: Projects | undefined): Plugin {
  return {
    onRequest({ url, endResponse, fetchAPI }) {
      const { pathname } = url;
      if (pathname === '/health')
        endResponse(new fetchAPI.Response(null, { status: 200, headers: { ...NOT_STORED } }));
      if (pathname !== '/ready') return;
      const [upstream] = [...(projects ?? [])].map(({ videoRestore, governor }) => ({
        videoRestore: videoRestore.observed.status,
        ...governor.load(),
      }));
      endResponse(
        fetchAPI.Response.json(
          { status: readiness.status, upstream },
          { status: readiness.status === 'ready' ? 200 : 503, headers: { ...NOT_STORED } },
        ),
      );
    },
    onResponse({ response }) {
      // The gateway is about to close the connection: a client must not send its next request on it.
      if (readiness.status === 'draining') response.headers.set('connection', 'close');
    },
  };
}

/** To be copied: what makes the response writes type and length of its body into the object that it is given. */
const NOT_STORED = { 'cache-control': 'no-store' };
