// Serves GraphiQL: a page that contains everything it loads, with tabs of operations that run as they are.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { GRAPHIQL_TABS } from '../generated/graphiql-tabs.ts';
import { refuse } from './refuse.ts';
import type { Page } from './render-graphiql.ts';

/** How long a failure to render the page answers further visits, so that they start no thread each. */
const FAILED_MS = 10_000;

/**
 * Answers a browser that opens the path of GraphQL. The page sends its operations to the address that it was opened at.
 *
 * @param exampleIds - video ids for the tabs that need some; if there are none, the tabs show placeholders.
 * @param logger - logs why the page cannot be rendered.
 */
export function useGraphiQLPage(path: string, exampleIds: readonly string[], logger: Logger): Plugin {
  let making: Promise<Page | undefined> | undefined;

  function getPage(): Promise<Page | undefined> {
    making ??= makePage(createOptions(exampleIds)).catch((error: unknown) => {
      logger.error({ err: error }, "GraphiQL's page could not be rendered");
      setTimeout(() => {
        making = undefined;
      }, FAILED_MS).unref();
      return undefined;
    });
    return making;
  }

  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      if (request.method !== 'GET' || url.pathname !== path) return;
      if (!request.headers.get('accept')?.includes('text/html')) return;
      const page = await getPage();
      if (!page) {
        const message = "GraphiQL is not available. The gateway's log has the cause.";
        endResponse(refuse(fetchAPI, 500, 'INTERNAL_SERVER_ERROR', message));
        return;
      }
      const { gzipped, etag } = page;
      if (request.headers.get('if-none-match')?.replace('W/', '') === etag) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers: { ...HEADERS, etag } }));
      } else if (/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) {
        // The same page in other bytes, which only a weak validator may say.
        const headers = { ...HEADERS, 'content-encoding': 'gzip', etag: `W/${etag}` };
        endResponse(new fetchAPI.Response(gzipped, { status: 200, headers }));
      } else {
        // Piece by piece, as the client takes it: the whole page is nine megabytes.
        const html = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream('gzip'));
        endResponse(new fetchAPI.Response(html, { status: 200, headers: { ...HEADERS, etag } }));
      }
    },
  };
}

/**
 * Renders the page in a thread, which frees the memory that this takes when it ends.
 *
 * @throws {Error} if the thread ends without a page.
 */
async function makePage(options: GraphiQLOptions): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  // The same file has another extension once it is compiled.
  const file = new URL(`render-graphiql${extname(import.meta.url)}`, import.meta.url);
  new Worker(file, { workerData: options })
    .once('message', resolve)
    // Also after the page has come: an error that nobody listens to would end the process.
    .on('error', reject)
    .once('exit', () => reject(new Error("the thread that renders GraphiQL's page ended without it")));
  return promise;
}

/** The page loads and sends nothing elsewhere, and no other page may frame it to get a click on its Run button. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'accept-encoding',
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
