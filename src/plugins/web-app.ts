// Serves the web app to browsers: its page at `/` and `/removed`, and below `/assets/` what the page loads, from memory. Programs
// get at these two paths what they get without the app.
import type { FetchAPI, Plugin } from 'graphql-yoga';
import Negotiator from 'negotiator';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { ENTRANCES, type Entrances } from '../config/paths.ts';
import { NOT_BUILT } from '../config/web-app-folder.ts';
import { wantsPage } from './accept.ts';
import { isRead } from './front-page.ts';
import { isKnown } from './known-etag.ts';
import { refuse } from './refuse.ts';
import { createReadWebApp, type ReadWebApp, type WebApp, type WebFile } from './web-app-files.ts';

const PAGES: readonly string[] = [ENTRANCES.front, ENTRANCES.removed];
const ASSETS = '/assets/';
const CODINGS = ['br', 'gzip', 'identity'];

/**
 * The web app of this gateway, if it has one. Its page says which credentials callers need, and whether there is GraphiQL, before
 * it asks anything.
 */
export function findWebApp(
  { auth, graphiql }: Pick<Config, 'auth' | 'graphiql'>,
  { hasWebApp }: Entrances,
): ReadWebApp | undefined {
  return hasWebApp ? createReadWebApp({ auth: auth.mode, graphiql: graphiql ? 'on' : 'off' }) : undefined;
}

/** Must come after `useKnownPaths`, and before `useFrontPage`, which answers programs. @param logger - logs why files cannot be read. */
export function useWebApp(
  readApp: ReadWebApp,
  config: Pick<Config, 'sandbox' | 'baseUrl'>,
  logger: Logger,
): Plugin {
  const pageHeaders = createPageHeaders(config);

  function answerPage(request: Request, { page, etag }: WebApp, fetchAPI: FetchAPI): Response {
    const { body, coding } = choose(page, request);
    // Compressed, it is the same page in other bytes, which only a weak validator may say.
    const headers = {
      ...pageHeaders,
      'content-type': page.type,
      etag: body === page.plain ? etag : `W/${etag}`,
    };
    return isKnown(request.headers.get('if-none-match'), etag)
      ? new fetchAPI.Response(null, { status: 304, headers })
      : new fetchAPI.Response(body, { status: 200, headers: { ...headers, ...coding } });
  }

  return {
    async onRequest({ request, url: { pathname }, endResponse, fetchAPI }) {
      if (!isRead(request)) return;
      const isPage = PAGES.includes(pathname) && wantsPage(request);
      if (!isPage && !pathname.startsWith(ASSETS)) return;
      let app: WebApp | undefined;
      try {
        app = await readApp();
      } catch (error) {
        logger.error({ err: error }, 'The files of the web app could not be read');
        const message = "The web app is not available. The gateway's log has the cause.";
        endResponse(refuse(fetchAPI, 500, 'INTERNAL_SERVER_ERROR', message));
        return;
      }
      const asset = app?.assets.get(pathname.slice(ASSETS.length));
      if (isPage) endResponse(app ? answerPage(request, app, fetchAPI) : answerNotBuilt(fetchAPI));
      else if (asset) endResponse(answerAsset(request, asset, fetchAPI));
      else endResponse(refuse(fetchAPI, 404, 'BAD_USER_INPUT', 'The web app has no such file.'));
    },
  };
}

function answerNotBuilt(fetchAPI: FetchAPI): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  return new fetchAPI.Response(`${NOT_BUILT}\n`, { status: 503, headers });
}

/** Its name changes with its content. */
function answerAsset(request: Request, asset: WebFile, fetchAPI: FetchAPI): Response {
  const { body, coding } = choose(asset, request);
  const headers = {
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    ...coding,
  };
  return new fetchAPI.Response(body, { status: 200, headers });
}

/** The smallest form that the client takes, unless it prefers the bytes as they are. */
function choose({ plain, brotli, gzipped }: WebFile, { headers }: Request) {
  const accepted = headers.get('accept-encoding') ?? '';
  const taken = new Negotiator({ headers: { 'accept-encoding': accepted } }).encodings(CODINGS);
  // Browsers weigh them equally, and name gzip first.
  if (taken[0] === 'identity') return { body: plain, coding: {} };
  if (brotli && taken.includes('br')) return { body: brotli, coding: { 'content-encoding': 'br' } };
  if (gzipped && taken.includes('gzip')) return { body: gzipped, coding: { 'content-encoding': 'gzip' } };
  return { body: plain, coding: {} };
}

/**
 * The page loads its own files, and pictures and players of api.video: nothing else, and no script that is in its text. The
 * two hashes are those of the styles that React Aria writes into the page: for its buttons, and for the scroll lock on iOS.
 * A policy of permissions that does not name full screen and encrypted media leaves both to the player's frame.
 */
function createPageHeaders({ sandbox, baseUrl }: Pick<Config, 'sandbox' | 'baseUrl'>) {
  // The embedded sandbox serves pictures and players itself. No other address of upstream may be in an answer.
  const others = sandbox ? ` ${baseUrl.origin}` : '';
  return {
    'cache-control': 'no-cache',
    vary: 'accept, accept-encoding',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=' 'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg='",
      `img-src 'self' https://*.api.video${others}`,
      "connect-src 'self'",
      `frame-src https://embed.api.video${others}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}
