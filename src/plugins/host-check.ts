import type { Plugin } from 'graphql-yoga';
import { isLoopback } from '../config/addresses.ts';
import { refuse } from './refuse.ts';

/**
 * Refuses requests whose Host is not this machine, for a gateway that listens on loopback. Otherwise another site could
 * point its own name at 127.0.0.1 (DNS rebinding), and its pages would have the same origin as the gateway.
 */
export function useHostCheck(): Plugin {
  return {
    onRequest({ request, url, endResponse, fetchAPI }) {
      const host = request.headers.get('host') ?? url.host;
      const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
      if (isLoopback(name)) return;
      endResponse(
        refuse(
          fetchAPI,
          403,
          'FORBIDDEN',
          'The Host header names a host other than this machine. Call the gateway as localhost.',
        ),
      );
    },
  };
}
