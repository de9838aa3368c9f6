// The lock of the store is one of POSIX: a process loses it as soon as it closes any descriptor of the file. So nothing but
// SQLite may open that file, not even to read it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../docs/read-documents.ts';

/** What opens no file. */
const HARMLESS = ['existsSync', 'mkdir', 'stat', 'statSync', 'chmodSync'];
/** It has to do with another file. */
const APART = 'src/operations/secret-key.ts';

const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .filter((path) => !path.includes('/dist/'))
  .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')] as const);

test('only the code that opens the store knows the name of its file', () => {
  const naming = sources
    .filter(([, text]) => /operations\.sqlite|\.sqlite\b/.test(text))
    .map(([path]) => path);
  expect(naming).toEqual(['src/operations/open-storage.ts']);
});

test('nothing beside SQLite opens a file in src/operations/', () => {
  const importing = sources.filter(
    ([path, text]) => path.startsWith('src/operations/') && /['"](?:node:)?fs(?:\/promises)?['"]/.test(text),
  );
  expect(importing.length).toBeGreaterThan(1);
  for (const [path, text] of importing) {
    if (path === APART) continue;
    const imports = [...text.matchAll(/import (.*?) from 'node:fs(?:\/promises)?'/g)];
    const all = [...text.matchAll(/['"](?:node:)?fs(?:\/promises)?['"]/g)];
    expect(imports.length, path).toBe(all.length);
    const names = imports.flatMap(([, list = '']) => list.replace(/[{}]/g, '').split(','));
    for (const name of names) expect(HARMLESS, path).toContain(name.trim());
  }
});
