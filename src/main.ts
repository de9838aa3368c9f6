#!/usr/bin/env node
// The entry: what went wrong before the gateway listens becomes one message and exit code 1.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What Node.js compiled last time is loaded from there: a third off the start and the memory. Where it cannot be
// written nothing else changes; the machine's own temporary folder could be written by others.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

// Libraries check themselves at every step in development, graphql-js each value that it completes. Developers of the gateway
// set NODE_ENV; whoever only runs it should not have to.
process.env.NODE_ENV ??= 'production';

try {
  const { serve } = await import('./server/serve.ts');
  await serve({ onListening: flushCompileCache });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
