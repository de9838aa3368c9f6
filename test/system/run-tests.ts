// `npm run test:system`: the tests that need programs of the machine, such as nginx. On Debian, and as root, it installs the
// programs that are missing; elsewhere it names what is missing, and fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Each program, and Debian's package that has it. */
const PROGRAMS = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  buildah: 'buildah',
  openssl: 'openssl',
  setpriv: 'util-linux',
  unshare: 'util-linux',
} as const;

/** Debian keeps servers in /usr/sbin, which a user's PATH may lack. */
const PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

// The container mounts its root file system, which only root may do.
const isRoot = process.getuid?.() === 0;
if (findMissing().length > 0 && isRoot && isInstalled('apt-get')) {
  const packages = new Set(findMissing().map((program) => PROGRAMS[program]));
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...packages]);
}
const missing = [...(isRoot ? [] : ['root']), ...findMissing()];
if (missing.length > 0) {
  process.stderr.write(
    `The system tests need ${missing.join(', ')}. Run them as root on Debian, where they install the missing programs.\n`,
  );
  process.exit(1);
}
await run(process.execPath, [
  join(ROOT, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  'vitest.system.config.ts',
  ...process.argv.slice(2),
]);

function findMissing(): (keyof typeof PROGRAMS)[] {
  const programs: readonly (keyof typeof PROGRAMS)[] = [
    'nginx',
    'haproxy',
    'buildah',
    'openssl',
    'setpriv',
    'unshare',
  ];
  return programs.filter((program) => !isInstalled(program));
}

function isInstalled(program: string): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH, DEBIAN_FRONTEND: 'noninteractive' };
  const [code, signal] = await once(
    spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] }),
    'close',
  );
  if (code === 0) return;
  process.stderr.write(`${command} ended with ${code ?? signal}.\n`);
  process.exit(1);
}
