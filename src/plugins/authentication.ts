import type { Plugin } from 'graphql-yoga';
import type { Access, Authenticate } from '../auth/access.ts';
import { currentRequest } from '../telemetry/current-request.ts';

/** Who a request is from; Yoga's `serverContext` carries it from the time the request was authenticated. */
export type Authenticated = { access?: Access };

/** Refuses who cannot say who they are, before anything of the request is read; notes who the others are. */
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
