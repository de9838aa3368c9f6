// Renders GraphiQL's page in a thread of its own. The library behind it stays in the memory of the thread that loads it,
// 120 MB for a page of nine; this thread ends with the page.
import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/** The message that the thread posts. Compressed, the page takes a few megabytes, and browsers take it like that. */
export type Page = { readonly gzipped: Uint8Array<ArrayBuffer>; readonly etag: string };

/**
 * GraphiQL moves a tab away from the pointer when it gets the focus, so the first click on it would be lost. Its title breaks
 * into lines over the editor unless there is room. On a phone, the result stands below the operation.
 */
const STYLE = `<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
.graphiql-tab { transform: none !important; }
.graphiql-logo { white-space: nowrap; }
@media (max-width: 1400px) { .graphiql-logo { display: none; } }
@media (max-width: 700px) { .graphiql-container #graphiql-session { flex-direction: column; } }
</style>`;

const html = renderGraphiQL(workerData).trimStart().replace('</head>', `${STYLE}</head>`);
// Copied, since a buffer of Node.js may be a part of a larger one, which cannot be handed over.
const gzipped = Uint8Array.from(gzipSync(html));
const page: Page = { gzipped, etag: `"${createHash('sha256').update(html).digest('base64url')}"` };
parentPort?.postMessage(page, [gzipped.buffer]);
