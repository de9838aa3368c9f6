// The package for frontends from outside: packed in a copy, so that tests beside it still find what is built in src/clients/,
// and installed in folders of its own.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type ClientPackage = Disposable & {
  readonly tarball: string;
  /** Makes a folder with the package and others, such as `@apollo/client@3.9.0`, as npm installs them by default. */
  install(others: readonly string[], manifest?: object): Promise<string>;
};

export async function packClient(): Promise<ClientPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'client-package-'));
  const copy = join(folder, 'repository');
  const source = join(ROOT, 'src/clients');
  const isSource = (path: string) => !/^\/(dist|node_modules)(\/|$)/.test(path.slice(source.length));
  cpSync(source, join(copy, 'src/clients'), { recursive: true, filter: isSource });
  for (const file of ['tsconfig.json', 'schema.graphql', 'LICENSE'])
    cpSync(join(ROOT, file), join(copy, file));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: join(copy, 'src/clients') });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  let installed = 0;
  return {
    tarball,
    async install(others, manifest = {}) {
      installed += 1;
      const app = join(folder, `app-${installed}`);
      mkdirSync(app);
      writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, ...manifest }));
      const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...others];
      await run('npm', args, { cwd: app });
      return app;
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
