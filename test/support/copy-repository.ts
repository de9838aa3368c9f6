// The repository in a folder of its own, without what is built: what a test builds or leaves out there, no other test sees.
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the package is made of, and what makes it. */
const PARTS = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'LICENSE',
  'docs',
  'schema',
  'schema.graphql',
  'src',
  'web',
];

/** @param folder - must not exist. The installed packages are linked, unless `isInstalled` is false. */
export function copyRepository(folder: string, { isInstalled = true } = {}): void {
  const isSource = (path: string) =>
    !/^\/src\/clients\/(dist|node_modules)(\/|$)/.test(path.slice(ROOT.length - 1));
  for (const part of PARTS)
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: isSource });
  if (isInstalled) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}
