// What a first visit takes: everything that the page names, and whatever that imports statically.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const BUDGET_BYTES = 200 * 1024;

const html = readFileSync(join(BUILT, 'index.html'), 'utf8');

/** Names of files in `assets/`: scripts, styles and what the scripts import before they run. */
function listFirstLoad(): readonly string[] {
  const named = [...html.matchAll(/(?:src|href)="\.\/assets\/([^"]+\.(?:js|css))"/g)];
  const found = new Set(named.map(([, name = '']) => name));
  for (const name of found) {
    const code = name.endsWith('.js') ? readFileSync(join(BUILT, 'assets', name), 'utf8') : '';
    for (const [, imported = ''] of code.matchAll(
      /(?:^|[;\n}])(?:import|export)\b[^;()]*?["']\.\/([^"']+)["']/g,
    ))
      found.add(imported);
  }
  return [...found];
}

test.each([
  ['brotli', '.br', brotliCompressSync],
  ['gzip', '.gz', gzipSync],
] as const)('scripts, styles and the page are at most 200 KB with %s', (_name, end, compress) => {
  const files = listFirstLoad();
  const bytes = files.map((name) => statSync(join(BUILT, 'assets', name + end)).size);
  const total = bytes.reduce((sum, size) => sum + size, compress(html).byteLength);

  process.stdout.write(`first load, ${end.slice(1)}: ${(total / 1024).toFixed(1)} KB\n`);
  expect(files.filter((name) => name.endsWith('.css'))).toHaveLength(1);
  // React, Apollo Client and React Aria alone take more than this.
  expect(total).toBeGreaterThan(100 * 1024);
  expect(total).toBeLessThanOrEqual(BUDGET_BYTES);
});

test('the page names every file that it needs at first, so that none waits for another', () => {
  const named = listFirstLoad().filter((name) => html.includes(`./assets/${name}"`));
  expect(named).toEqual(listFirstLoad());
});
