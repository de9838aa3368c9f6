import type { Plugin } from 'graphql-yoga';
import { isLoopback, isOrigin } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import type { LogOnce } from '../telemetry/log-once.ts';
import { quoteGiven } from './quote-given.ts';
import { refuse } from './refuse.ts';

/** A scheme, a host name as long as DNS allows, and a port. */
const MAX_ORIGIN = 267;

/**
 * Lets pages of the allowed origins call, and no other page: those that are named, and with the embedded sandbox, which has
 * nothing to lose, those that this machine serves, at any port. Other pages get no CORS headers. A browser can still send some
 * requests for them without a preflight (an image, a script, a GET): this plugin recognises them by Sec-Fetch-Site, which
 * browsers leave out on plain http but for loopback, and refuses them before they cost an upstream read. Programs do not send
 * that header and are not affected.
 *
 * A WebSocket handshake is a GET that any page can send without Sec-Fetch-Site. The gateway has no WebSockets, so it
 * refuses every handshake.
 *
 * Yoga's own CORS answers an unknown origin with `null`, which is the origin of every sandboxed frame.
 *
 * @param warnOnce - logs each refused origin once: its developer sees a blank page, and the browser does not say why.
 */
export function useCors(
  { corsOrigins, sandbox }: Pick<Config, 'corsOrigins' | 'sandbox'>,
  warnOnce: LogOnce,
): Plugin {
  const isAllowed = ({ headers }: Request) => {
    const origin = headers.get('origin') ?? '';
    return corsOrigins.includes(origin) || (sandbox && isOfThisMachine(origin));
  };
  return {
    onRequest({ request, endResponse, fetchAPI }) {
      if (request.method === 'OPTIONS' && isAllowed(request)) {
        // Safari waits for the body of a 204 that has no content-length.
        endResponse(new fetchAPI.Response(null, { status: 204, headers: { 'content-length': '0' } }));
        return;
      }
      if (/\bwebsocket\b/i.test(request.headers.get('upgrade') ?? '')) {
        const message =
          'Expected an HTTP request, and got a WebSocket handshake. This gateway has no WebSockets.';
        endResponse(refuse(fetchAPI, 400, 'BAD_USER_INPUT', message));
        return;
      }
      const site = request.headers.get('sec-fetch-site');
      const isForeign = site === 'cross-site' || site === 'same-site' || isPreflight(request);
      if (isForeign && !isAllowed(request)) {
        logRefused(request, warnOnce);
        endResponse(
          refuse(
            fetchAPI,
            403,
            'FORBIDDEN',
            'Pages from this origin may not call the gateway. To allow them, add the origin to CORS_ORIGINS.',
          ),
        );
      }
    },
    onResponse({ request, response }) {
      if (corsOrigins.length === 0 && !sandbox) return;
      response.headers.append('vary', 'Origin');
      if (!isAllowed(request)) return;
      response.headers.set('access-control-allow-origin', request.headers.get('origin') ?? '');
      if (request.method !== 'OPTIONS') {
        response.headers.set('access-control-expose-headers', 'x-request-id, retry-after');
        return;
      }
      response.headers.set('access-control-allow-methods', 'GET, POST');
      response.headers.set(
        'access-control-allow-headers',
        request.headers.get('access-control-request-headers') ?? '',
      );
      response.headers.set('access-control-max-age', '600');
    },
  };
}

/** Browsers look for names below `localhost` on this machine too. */
function isOfThisMachine(origin: string): boolean {
  if (!isOrigin(origin)) return false;
  const { hostname } = new URL(origin);
  return isLoopback(hostname) || hostname.endsWith('.localhost');
}

/** No browser sends one to the page's own origin. Old ones send it without Sec-Fetch-Site. */
export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

/** Nothing is logged of a request without Origin: there is nothing that the operator could allow. */
function logRefused({ headers }: Request, warnOnce: LogOnce): void {
  const origin = headers.get('origin');
  if (origin === null) return;
  // An origin that can be parsed has no character that confuses a terminal.
  if (isOrigin(origin) && origin.length <= MAX_ORIGIN) {
    warnOnce(origin, `Refused a page of ${origin}: name it in CORS_ORIGINS`);
    return;
  }
  const shown = quoteGiven(origin);
  warnOnce(
    shown,
    `Refused a page of the origin ${shown}, which CORS_ORIGINS cannot name: a page must come over http or https, not from a file or a sandboxed frame`,
  );
}
