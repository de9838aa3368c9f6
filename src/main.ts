#!/usr/bin/env node
// The entry point. If the gateway fails before it listens, it prints one message and exits with code 1.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Loads the code that Node.js compiled last time, which saves a third of the start time and the memory. If the folder
// is not writable, nothing else changes. It is not the machine's temporary folder, because others could write to that.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

// Libraries run slower checks unless this is set: graphql-js checks each value that it completes.
process.env.NODE_ENV ??= 'production';

try {
  const { serve } = await import('./server/serve.ts');
  await serve({ onListening: flushCompileCache });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
