import type { Plugin } from 'graphql-yoga';
import type { Access, Authenticate } from '../auth/access.ts';
import { currentRequest } from '../telemetry/current-request.ts';

/** The caller's access. Yoga's `serverContext` carries it once the request is authenticated. */
export type Authenticated = { access?: Access };

/** Refuses unauthenticated requests before they are parsed, and records the caller of the others. */
export function useAuthentication(authenticate: Authenticate): Plugin<object, Authenticated> {
  return {
    async onRequestParse({ request, serverContext }) {
      const access = await authenticate(request);
      serverContext.access = access;
      const current = currentRequest();
      if (current) current.caller = access.viewer.subject;
    },
  };
}
