import type { Plugin } from 'graphql-yoga';
import type { Access, Authenticate } from '../auth/access.ts';
import { currentRequest } from '../telemetry/current-request.ts';

/** Who each request is from. A request has its entry from the time it was authenticated. */
export type Accesses = WeakMap<Request, Access>;

/** Refuses who cannot say who they are, before anything of the request is read; notes who the others are. */
export function useAuthentication(authenticate: Authenticate, accesses: Accesses): Plugin {
  return {
    async onRequestParse({ request }) {
      const access = await authenticate(request);
      accesses.set(request, access);
      const current = currentRequest();
      if (current) current.caller = access.viewer.subject;
    },
  };
}
