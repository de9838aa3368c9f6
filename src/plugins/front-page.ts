// Answers at `/` where the web app is off, at `/graphiql`, and at paths that the gateway lacks: with GraphiQL at the first two if
// it is on, else with a page of a few lines that names the paths. The page loads and runs nothing, and shows nothing of the request.
import { createHash } from 'node:crypto';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import { ENTRANCES, type Entrances, PATHS } from '../config/paths.ts';
import { readVersion } from '../config/read-version.ts';
import { wantsPage } from './accept.ts';

const NAME = 'apivideo-graphql';
const DOCUMENTS = `README.md and the folder docs/ of the package ${NAME}`;

/** What is in the answers for people who look for a path. */
export type Guide = {
  readonly toPage: (fetchAPI: FetchAPI, status: number) => Response;
  readonly toJson: (fetchAPI: FetchAPI) => Response;
};

/**
 * Version and upstream are for people who may see the schema. Strangers could look up the faults of a version.
 *
 * @param programs - the paths for programs, by what is there.
 */
export function createGuide(
  { introspection, sandbox, baseUrl, graphiql }: Config,
  programs: Readonly<Record<string, string>>,
  { hasWebApp }: Entrances,
): Guide {
  const paths = hasWebApp ? { webApp: ENTRANCES.front, ...programs } : programs;
  const about = introspection
    ? { version: readVersion(), upstream: sandbox ? 'embedded sandbox' : nameUpstream(baseUrl) }
    : undefined;
  return {
    toPage: (fetchAPI, status) =>
      new fetchAPI.Response(renderPage(status, toLinks(status, paths, graphiql), about), {
        status,
        headers: { ...HEADERS },
      }),
    toJson: (fetchAPI) => fetchAPI.Response.json({ name: NAME, ...about, paths, documents: DOCUMENTS }),
  };
}

/** Answers at the entrances. A browser gets GraphiQL there, if the gateway has it, and the web app has not answered before. */
export function useFrontPage(guide: Guide, entrances: Entrances, hasGraphiQL: boolean): Plugin {
  return {
    onRequest({ request, url, endResponse, fetchAPI }) {
      if (!isRead(request) || !entrances.paths.includes(url.pathname)) return;
      if (hasGraphiQL && (wantsPage(request) || url.pathname === ENTRANCES.graphiql)) {
        // Relative, because a proxy in front may have taken a prefix from the path.
        const headers = { location: PATHS.graphql.slice(1) };
        endResponse(new fetchAPI.Response(null, { status: 302, headers }));
      } else {
        endResponse(wantsPage(request) ? guide.toPage(fetchAPI, 200) : guide.toJson(fetchAPI));
      }
    },
  };
}

export function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** No answer has an address of upstream, so a host that the operator has chosen has no name here. */
function nameUpstream({ host }: URL): string {
  if (host === 'ws.api.video') return 'api.video';
  return host === 'sandbox.api.video' ? "api.video's sandbox" : 'another host instead of api.video';
}

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
};

const MEANINGS: Readonly<Record<string, string>> = {
  graphql: 'GraphQL, with queries by GET or POST and mutations by POST',
  health: 'whether the process lives',
  ready: 'whether it accepts requests',
  metrics: 'metrics for Prometheus',
  webApp: 'the web app, for browsers',
} satisfies Record<keyof typeof PATHS | 'webApp', string>;

function toLinks(status: number, paths: Readonly<Record<string, string>>, hasGraphiQL: boolean): string {
  // Relative at `/`, as a proxy in front may have taken a prefix from the path. Elsewhere the depth is unknown.
  const root = status === 404 ? '/' : './';
  const links = Object.entries(paths).map(([name, path]) => {
    const extra = name === 'graphql' && hasGraphiQL ? '; a browser gets GraphiQL' : '';
    return `<li><a href="${root}${path.slice(1)}">${path}</a>: ${MEANINGS[name]}${extra}</li>`;
  });
  return links.join('\n');
}

/** All that it shows is the gateway's own, so nothing needs to be escaped. */
function renderPage(
  status: number,
  links: string,
  about: { readonly version: string; readonly upstream: string } | undefined,
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${NAME}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>${NAME}</h1>
${status === 404 ? '<p><strong>There is nothing at this path.</strong></p>\n' : ''}<p>A GraphQL gateway over api.video's deletion API.</p>
${about ? `<p>Version ${about.version}. Upstream: ${about.upstream}.</p>\n` : ''}<ul>
${links}
</ul>
<p>The documents are ${DOCUMENTS}.</p>
</body>
</html>
`;
}
