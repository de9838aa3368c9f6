#!/usr/bin/env node
// The entry: what went wrong before the gateway listens becomes one message and exit code 1.
import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// What Node.js compiled last time is loaded from there: a third off the start and the memory. Where it cannot be
// written nothing else changes; the machine's own temporary folder could be written by others.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

// While the heap is young and small, the pages under way outlive a collection or two, and V8 concludes that such objects
// live for ever: it makes all later ones in its old space, where what they refer to is kept, and copied, long after them.
setFlagsFromString('--no-allocation-site-pretenuring');

try {
  const { serve } = await import('./serve.ts');
  await serve({ onListening: flushCompileCache });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
