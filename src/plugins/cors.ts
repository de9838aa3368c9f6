import type { Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

/**
 * Lets pages of the named origins call, and no other page. Other pages get no CORS headers. A browser can still send some
 * requests for them without a preflight (an image, a script, a GET): this plugin recognises them by Sec-Fetch-Site, which
 * browsers leave out on plain http but for loopback, and refuses them before they cost an upstream read. Programs do not send that header and are not affected.
 *
 * A WebSocket handshake is a GET that any page can send without Sec-Fetch-Site. The gateway has no WebSockets, so it
 * refuses every handshake.
 *
 * Yoga's own CORS answers an unknown origin with `null`, which is the origin of every sandboxed frame.
 */
export function useCors(allowedOrigins: readonly string[]): Plugin {
  const isAllowed = (request: Request) => allowedOrigins.includes(request.headers.get('origin') ?? '');
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
      if (allowedOrigins.length === 0) return;
      response.headers.append('vary', 'Origin');
      if (!isAllowed(request)) return;
      response.headers.set('access-control-allow-origin', request.headers.get('origin') ?? '');
      if (request.method !== 'OPTIONS') return;
      response.headers.set('access-control-allow-methods', 'GET, POST');
      response.headers.set(
        'access-control-allow-headers',
        request.headers.get('access-control-request-headers') ?? '',
      );
      response.headers.set('access-control-max-age', '600');
    },
  };
}

/** No browser sends one to the page's own origin. Old ones send it without Sec-Fetch-Site. */
function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}
