// Builds the web app: web/ becomes dist/web/, with hashed names, and compressed once here instead of at each request. Beside it
// stands the manifest of the operations that the app sends, for a gateway that takes known operations only.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { InMemoryCache } from '@apollo/client';
import optimizeLocales from '@react-aria/optimize-locales-plugin';
import { type DocumentNode, getOperationAST, print } from 'graphql';
import { defineConfig, type Plugin } from 'vite';
import * as shared from '../src/clients/generated/typed-documents.ts';
import * as own from './generated/documents.ts';

/** The first that know what the app uses: `Promise.withResolvers`, `Object.groupBy`, `light-dark()` and `:dir()`. */
const BROWSERS = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];

const toPath = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Writes a `.br` and a `.gz` beside each file that compression makes smaller. */
function compress(): Plugin {
  return {
    name: 'compress',
    apply: 'build',
    writeBundle({ dir = '' }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const bytes = readFileSync(join(dir, name));
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(bytes));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
      writeSizes(dir);
    },
  };
}

/** The last file of a build names all others with their sizes, so that the gateway serves no half of one. */
function writeSizes(dir: string): void {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [relative(dir, path).replaceAll('\\', '/'), statSync(path).size];
  });
  writeFileSync(join(dir, 'files.part'), `${JSON.stringify(Object.fromEntries(sizes.sort()), null, 2)}\n`);
  renameSync(join(dir, 'files.part'), join(dir, 'files.json'));
}

/** Writes the operations of the bundle in the form in which Apollo Client sends them. */
function listOperations(): Plugin {
  const documents: Readonly<Record<string, unknown>> = { ...shared, ...own };
  const sources = ['../src/clients/generated/typed-documents.ts', './generated/documents.ts'].map(toPath);
  return {
    name: 'list-operations',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const names = chunks.flatMap(({ modules }) =>
        sources.flatMap((source) => modules[source]?.renderedExports ?? []),
      );
      const operations = [...new Set(names)].sort().flatMap((name) => toManifest(documents[name]));
      const manifest = { format: 'apollo-persisted-query-manifest', version: 1, operations };
      this.emitFile({
        type: 'asset',
        fileName: 'operations.json',
        source: `${JSON.stringify(manifest, null, 2)}\n`,
      });
    },
  };
}

const cache = new InMemoryCache();

/** Nothing for what is no operation, such as a fragment alone. */
function toManifest(document: unknown) {
  if (!isDocument(document)) return [];
  const operation = getOperationAST(document);
  if (!operation?.name) return [];
  const body = print(cache.transformDocument(document));
  const id = createHash('sha256').update(body).digest('hex');
  return [{ id, name: operation.name.value, type: operation.operation, body }];
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Document';
}

export default defineConfig(({ command }) => {
  // Whatever it is in the environment, such as `test` below Vitest: else React's checks for developers would be built in.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: toPath('.'),
    // Relative, so that the app works below any prefix.
    base: './',
    // React Aria has its own sentences in 34 languages; the app speaks one.
    plugins: [
      { ...optimizeLocales.vite({ locales: ['en-US'] }), enforce: 'pre' },
      listOperations(),
      compress(),
    ],
    resolve: {
      alias: [
        { find: /^apivideo-graphql-client$/, replacement: toPath('../src/clients/index.ts') },
        { find: /^apivideo-graphql-client\/(.+)$/, replacement: `${toPath('../src/clients')}/$1.ts` },
      ],
    },
    define: { 'globalThis.__DEV__': 'false' },
    build: {
      outDir: toPath('../dist/web'),
      emptyOutDir: true,
      target: BROWSERS,
      cssTarget: BROWSERS,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // In kilobytes before compression. A test holds what counts: what the first visit takes compressed.
      chunkSizeWarningLimit: 1000,
    },
  };
});
