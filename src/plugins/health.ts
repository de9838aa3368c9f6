// Health checks for process supervisors: whether the process lives, and whether it accepts requests. Neither asks upstream.
import type { Plugin } from 'graphql-yoga';
import { PATHS } from '../config/paths.ts';
import type { Projects } from '../project/projects.ts';
import type { GatewayState } from '../telemetry/gateway-state.ts';
import { isPreflight } from './cors.ts';

/** The state of the process itself. `/ready` also reports the state of upstream and of the store, which do not affect its status. */
export type Readiness = { status: 'starting' | 'ready' | 'draining' };

/**
 * `/health`: 200 while the process lives. `/ready`: 503 while it starts or drains, with the last known state of upstream.
 *
 * @param projects - the gateway's own; undefined if the projects belong to callers, because nobody else may see their state.
 */
export function useHealth(
  readiness: Readiness,
  { circuit, log, keys, operations }: GatewayState,
  projects: Projects | undefined,
): Plugin {
  return {
    onRequest({ request, url, endResponse, fetchAPI }) {
      // A page may call if CORS allows it, and that decides about the preflight too.
      if (isPreflight(request)) return;
      const { pathname } = url;
      if (pathname === PATHS.health)
        endResponse(new fetchAPI.Response(null, { status: 200, headers: { ...NOT_STORED } }));
      if (pathname !== PATHS.ready) return;
      const [own] = [...(projects ?? [])].map(({ videoRestore, governor }) => ({
        videoRestore: videoRestore.observed.status,
        ...governor.load(),
      }));
      const upstream = { circuit: circuit.state, ...own };
      endResponse(
        fetchAPI.Response.json(
          {
            status: readiness.status,
            upstream,
            log: log && (log.isStuck ? 'stuck' : 'ok'),
            keys: keys?.state,
            operations: operations?.state,
          },
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

/** Copy it: the constructor of the response writes the type and length of its body into the given object. */
const NOT_STORED = { 'cache-control': 'no-store' };
