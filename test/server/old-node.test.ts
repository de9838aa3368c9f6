// Versions of Node.js that are too old for the gateway get one sentence, from every command. What the program loads before
// its check must therefore be code that they can read.
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../support/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The program as the package has it, and a preload that changes the version that it sees. */
async function build(folder: string): Promise<string> {
  await run(
    join(ROOT, 'node_modules/.bin/tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')],
    {
      cwd: ROOT,
    },
  );
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(
    join(folder, 'pretend.cjs'),
    "Object.defineProperty(process.versions, 'node', { value: process.env.PRETEND });",
  );
  return join(folder, 'dist/main.js');
}

test('every command ends with one sentence on an old Node.js, before it loads anything that it cannot read', {
  timeout: 180_000,
}, async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'old-node-'));
  const folder = temporary.path;
  const main = await build(folder);
  const start = (version: string, args: readonly string[]) =>
    run(process.execPath, ['--require', join(folder, 'pretend.cjs'), main, ...args], {
      env: { PATH: process.env.PATH, PRETEND: version },
    });

  const commands = [[], ['--help'], ['--version'], ['check', '--write'], ['--sandbox']];
  await Promise.all([
    ...commands.map((args) =>
      expect(start('20.20.2', args), args.join(' ')).rejects.toThrow(
        /\napivideo-graphql needs Node\.js 22\.19 or newer, and this is 20\.20\.2\.\n$/,
      ),
    ),
    ...['16.20.2', '18.20.8', '22.18.0'].map((version) =>
      expect(start(version, ['--help'])).rejects.toThrow(`and this is ${version}.`),
    ),
    ...['22.19.0', '26.0.0'].map((version) =>
      expect(start(version, ['--help'])).resolves.toMatch(/^Usage: apivideo-graphql/),
    ),
  ]);

  // Old versions read a whole file, and the files that it imports, before they run any of it.
  const entry = readFileSync(main, 'utf8');
  expect([...entry.matchAll(/^\s*(?:import|export)\b.*$/gm)].map(([line]) => line)).toEqual([
    "import './server/check-node.js';",
  ]);
  const check = readFileSync(join(folder, 'dist/server/check-node.js'), 'utf8');
  expect(check).not.toMatch(/^import|\?\.|\?\?|\|\|=|\bawait\b/m);
});
