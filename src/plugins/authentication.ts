import type { Plugin } from 'graphql-yoga';
import type { Access, Authenticate } from '../auth/access.ts';
import { currentRequest } from '../telemetry/current-request.ts';
import type { OnConnection, ReadClientAddress } from './client-address.ts';

/** The caller's access. Yoga's `serverContext` carries it once the request is authenticated. */
export type Authenticated = { access?: Access };

/**
 * Refuses unauthenticated requests before they are parsed, and records the caller of the others.
 *
 * @param readAddress - the client's address, for limits on wrong credentials.
 */
export function useAuthentication(
  authenticate: Authenticate,
  readAddress: ReadClientAddress,
): Plugin<object, Authenticated & OnConnection> {
  return {
    async onRequestParse({ request, serverContext }) {
      const { req } = serverContext;
      const access = await authenticate(request, req && readAddress(req));
      serverContext.access = access;
      const current = currentRequest();
      if (current) current.caller = access.viewer.subject;
    },
  };
}
