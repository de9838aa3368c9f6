// Serves GraphiQL: a page that contains everything it loads, with tabs of operations that run as they are.
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gunzip } from 'node:zlib';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { GRAPHIQL_TABS } from '../generated/graphiql-tabs.ts';
import { wantsPage } from './accept.ts';
import { takesGzip } from './compression.ts';
import { isRead } from './front-page.ts';
import { isKnown } from './known-etag.ts';
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
  const unpack = createUnpack();

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
      if (!isRead(request) || url.pathname !== path) return;
      if (!wantsPage(request)) return;
      const page = await getPage();
      if (!page) {
        const message = "GraphiQL is not available. The gateway's log has the cause.";
        endResponse(refuse(fetchAPI, 500, 'INTERNAL_SERVER_ERROR', message));
        return;
      }
      const { gzipped, etag } = page;
      const isCompressed = takesGzip(request.headers.get('accept-encoding'));
      // Compressed, it is the same page in other bytes, which only a weak validator may say.
      const headers = { ...HEADERS, etag: isCompressed ? `W/${etag}` : etag };
      if (isKnown(request.headers.get('if-none-match'), etag)) {
        endResponse(new fetchAPI.Response(null, { status: 304, headers }));
      } else if (isCompressed) {
        const encoded = { ...headers, 'content-encoding': 'gzip' };
        endResponse(new fetchAPI.Response(gzipped, { status: 200, headers: encoded }));
      } else {
        endResponse(new fetchAPI.Response(await unpack(gzipped), { status: 200, headers }));
      }
    },
  };
}

/**
 * Unpacks the page for the few clients that do not take it compressed. All that read it at the same time share its nine
 * megabytes, so one that does not read costs nothing; when nobody reads it, the memory is free.
 */
function createUnpack(): (gzipped: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>> {
  let shared: WeakRef<Uint8Array<ArrayBuffer>> | undefined;
  let unpacking: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (gzipped) => {
    const known = shared?.deref();
    if (known) return known;
    unpacking ??= unzip(gzipped).finally(() => {
      unpacking = undefined;
    });
    const html = await unpacking;
    shared = new WeakRef(html);
    return html;
  };
}

const unzip = promisify(gunzip);

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
  const toVariables = (query: string) => {
    if (query.includes('$ids')) return { ids };
    return query.includes('$after') ? { after: null } : undefined;
  };
  return {
    title: 'api.video GraphQL gateway',
    // Headers are kept only while the page is open, because they may contain a secret.
    shouldPersistHeaders: false,
    defaultTabs: GRAPHIQL_TABS.map((query) => {
      const variables = toVariables(query);
      return variables ? { query, variables: JSON.stringify(variables, null, 2) } : { query };
    }),
  };
}
