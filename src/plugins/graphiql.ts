// Serves GraphiQL: a page that contains everything it loads, with tabs of operations that run as they are.
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import { GRAPHIQL_TABS } from '../generated/graphiql-tabs.ts';
import type { Page } from './render-graphiql.ts';

/** How long a page is kept to serve other visits: long enough for concurrent ones. */
const KEPT_MS = 5_000;

/**
 * Answers a browser that opens `/graphql`.
 *
 * @param exampleIds - video ids for the tabs that need some; if there are none, the tabs show placeholders.
 */
export function useGraphiQLPage(exampleIds: readonly string[]): Plugin {
  const options = createOptions(exampleIds);
  let making: Promise<Page> | undefined;
  let knownEtag: string | undefined;

  function getPage(): Promise<Page> {
    if (making) return making;
    making = makePage(options);
    const forget = () => {
      making = undefined;
    };
    making.then(({ etag }) => {
      knownEtag = etag;
      setTimeout(forget, KEPT_MS).unref();
    }, forget);
    return making;
  }

  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      if (request.method !== 'GET' || !/^\/graphql\/?$/.test(url.pathname)) return;
      if (!request.headers.get('accept')?.includes('text/html')) return;
      // The page stays the same while the process lives, so a browser that has it needs no new one.
      const asked = request.headers.get('if-none-match');
      if (asked !== null && asked === knownEtag) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers: { ...HEADERS, etag: asked } }));
        return;
      }
      const { html, etag } = await getPage();
      endResponse(new fetchAPI.Response(html, { status: 200, headers: { ...HEADERS, etag } }));
    },
  };
}

/** Renders the page in a thread, which frees the memory that this takes when it ends. */
async function makePage(options: GraphiQLOptions): Promise<Page> {
  // The same file has another extension once it is compiled.
  const file = new URL(`render-graphiql${extname(import.meta.url)}`, import.meta.url);
  const [message] = await once(new Worker(file, { workerData: options }), 'message');
  return message;
}

/** The page loads and sends nothing elsewhere, and no other page may frame it to get a click on its Run button. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'unsafe-inline' blob:",
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function createOptions(exampleIds: readonly string[]): GraphiQLOptions {
  const ids = exampleIds.length > 0 ? exampleIds : ['firstId', 'secondId', 'thirdId'];
  const variables = JSON.stringify({ ids }, null, 2);
  return {
    title: 'api.video GraphQL gateway',
    // Headers are kept only while the page is open, because they may contain a secret.
    shouldPersistHeaders: false,
    defaultTabs: GRAPHIQL_TABS.map((query) => (query.includes('$ids') ? { query, variables } : { query })),
  };
}
