import type { Plugin } from 'graphql-yoga';
import { isLoopback, readHostName } from '../config/addresses.ts';
import type { LogOnce } from '../telemetry/log-once.ts';
import { refuse } from './refuse.ts';

/**
 * Refuses requests whose Host is neither this machine nor an allowed name, for a gateway that listens on loopback.
 * Otherwise another site could point its own name at 127.0.0.1 (DNS rebinding), and its pages would have the same origin
 * as the gateway.
 *
 * @param allowedHosts - the names under which a proxy on this machine passes requests on, as `readHostName` spells them.
 * @param warnOnce - logs each refused name once: the operator of a new proxy must see why it gets nothing but 403.
 */
export function useHostCheck(allowedHosts: readonly string[], warnOnce: LogOnce): Plugin {
  return {
    onRequest({ request, url, endResponse, fetchAPI }) {
      const host = request.headers.get('host') ?? url.host;
      const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
      if (isLoopback(name) || allowedHosts.includes(readHostName(name) ?? '')) return;
      warnOnce(
        name,
        `Refused a request for the host ${JSON.stringify(name.slice(0, 255))}: to let a proxy on this machine pass it on, name it in ALLOWED_HOSTS`,
      );
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
