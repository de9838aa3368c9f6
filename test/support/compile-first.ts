// Before the first test: the web app is built, unless its build is newer than its sources, so that no browser sees an old one. And
// the gateway starts once, and writes the cache of what Node.js compiled. In a fresh clone there is none, and the tests that
// start it side by side would all compile it at once, which takes two cores most of a minute.
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startGatewayProcess } from './gateway-process.ts';
import { run } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export async function setup(): Promise<void> {
  if (!isBuilt()) await run(process.execPath, ['web/prepare.js'], { cwd: ROOT, env: process.env });
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0' });
  await program.url;
  program.child.kill('SIGTERM');
  await program.ended;
}

/** The client package is a part of the app. A change of the lock file may be one of the libraries in the build. */
function isBuilt(): boolean {
  const builtAt = statSync(join(ROOT, 'dist/web/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['web/**', 'src/clients/**/*.ts', 'package-lock.json'], {
    cwd: ROOT,
    exclude: ['src/clients/dist/**'],
  });
  return sources.every((path) => statSync(join(ROOT, path)).mtimeMs < builtAt);
}
