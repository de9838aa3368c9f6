// Renders GraphiQL's page in a thread of its own. The library behind it stays in the memory of the thread that loads
// it, 120 MB for a page of nine; this thread ends with the page.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/** The message that the thread posts. */
export type Page = { readonly html: Uint8Array<ArrayBuffer>; readonly etag: string };

/** GraphiQL moves a tab away from the pointer when it gets the focus, so the first click on it would be lost. */
const STYLE = '<style>.graphiql-tab { transform: none !important; }</style>';

const text = renderGraphiQL(workerData).trimStart().replace('</head>', `${STYLE}</head>`);
const html = new TextEncoder().encode(text);
const page: Page = { html, etag: `"${createHash('sha256').update(html).digest('base64url')}"` };
parentPort?.postMessage(page, [html.buffer]);
