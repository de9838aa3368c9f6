import type { Plugin } from 'graphql-yoga';
import type { LogOnce } from '../telemetry/log-once.ts';
import { refuse } from './refuse.ts';

/** Proxies add at least one of these. */
const FORWARDING_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * Refuses requests that a proxy has passed on, for a gateway that lets anyone call because only this machine can reach it.
 * A proxy on the same machine ends that: it would give deletion to everyone who can reach the proxy.
 */
export function useForwardedCheck(warnOnce: LogOnce): Plugin {
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      const header = FORWARDING_HEADERS.find((name) => request.headers.has(name));
      if (header === undefined) return;
      warnOnce(
        header,
        `Refused a request that a proxy has passed on (header ${header}): AUTH=none lets anyone delete; set AUTH, or ALLOW_UNAUTHENTICATED=true if the proxy authenticates callers`,
      );
      endResponse(
        refuse(
          fetchAPI,
          403,
          'FORBIDDEN',
          'A proxy has passed this request on, and this gateway serves only callers on its own machine. Its operator can set AUTH, or ALLOW_UNAUTHENTICATED=true if the proxy authenticates callers.',
        ),
      );
    },
  };
}
