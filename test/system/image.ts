// Builds the Dockerfile without a daemon and without a registry: by buildah, on a base made of this machine's files.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { run } from '../support/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What `FROM node:24-slim` names, in full. */
const BASE = 'docker.io/library/node:24-slim';
const IMAGE = 'localhost/apivideo-graphql';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Where npm finds this machine's cache during the build. */
const CACHE = '/npm-cache';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const inspected = z.object({
  Docker: z.object({
    config: z.object({
      User: z.string(),
      Env: z.array(z.string()),
      Cmd: z.array(z.string()),
      WorkingDir: z.string(),
      Healthcheck: z.object({ Test: z.array(z.string()) }),
    }),
  }),
});

export type Image = AsyncDisposable & {
  /** The root file system, as a folder. */
  readonly root: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** The command of the health check, in exec form. */
  readonly healthCheck: readonly string[];
};

/** Builds the image and mounts it. `await using` removes it, with everything that buildah has stored. */
export async function buildImage(): Promise<Image> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  const storage = [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'overlay',
  ];
  const buildah = async (...args: string[]) =>
    (await run('buildah', [...storage, ...args], { env: process.env })).trim();
  const remove = async () => {
    await buildah('rm', '--all');
    await rm(folder, { recursive: true });
  };
  try {
    await buildBase(buildah, join(folder, 'base'));
    const cache = (await run('npm', ['config', 'get', 'cache'], { env: process.env })).trim();
    const how = ['--isolation', 'chroot', '--format', 'docker', '--pull-never', '--layers=false'];
    await buildah('bud', ...how, '--volume', `${cache}:${CACHE}`, '--tag', IMAGE, ROOT);
    const { config } = inspected.parse(JSON.parse(await buildah('inspect', '--type', 'image', IMAGE))).Docker;
    const container = await buildah('from', '--pull-never', IMAGE);
    const [kind, ...healthCheck] = config.Healthcheck.Test;
    if (kind !== 'CMD') throw new Error(`expected a health check in exec form, and got ${kind}`);
    return {
      root: await buildah('mount', container),
      user: config.User,
      env: Object.fromEntries(config.Env.map((each) => each.split(/=(.*)/s).slice(0, 2))),
      command: config.Cmd,
      workingDirectory: config.WorkingDir,
      healthCheck,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** As much of the base as the Dockerfile uses: Node.js, npm, a shell, and the user `node`. */
async function buildBase(buildah: (...args: string[]) => Promise<string>, folder: string): Promise<void> {
  const npm = dirname(dirname(realpathSync(find('npm'))));
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  mkdirSync(join(folder, 'usr/local/bin'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
  await copyProgram(join(ROOT, 'node_modules/node/bin/node'), folder, '/usr/local/bin/node');
  await copyProgram(find('sh'), folder, '/bin/sh');
  await copyProgram(find('env'), folder, '/usr/bin/env');
  if (existsSync(CERTIFICATES)) copyFile(CERTIFICATES, join(folder, CERTIFICATES));
  for (const empty of ['etc', 'proc', 'root', 'tmp']) mkdirSync(join(folder, empty), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');

  const container = await buildah('from', 'scratch');
  await buildah('copy', '--quiet', container, folder, '/');
  const env = [`PATH=${PATH}`, `npm_config_cache=${CACHE}`, `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`];
  await buildah('config', ...env.flatMap((each) => ['--env', each]), container);
  await buildah('commit', '--quiet', '--rm', container, BASE);
}

/** A program and the libraries that it loads. */
async function copyProgram(program: string, folder: string, place: string): Promise<void> {
  const libraries = (await run('ldd', [program], { env: process.env })).match(/\/\S+/g) ?? [];
  const libc = libraries.find((library) => library.includes('libc.so.'));
  const others = libc ? C_LIBRARY.map((name) => join(dirname(libc), name)) : [];
  for (const library of [...libraries, ...others.filter(existsSync)])
    copyFile(library, join(folder, library));
  copyFile(program, join(folder, place));
}

/** Parts of the C library, which Debian has whole: the bundler of the web app loads more of them than Node.js does. */
const C_LIBRARY = ['libdl.so.2', 'libm.so.6', 'libpthread.so.0', 'librt.so.1'];

/** Copies the file that a link leads to. */
function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

function find(program: string): string {
  const folder = (process.env.PATH ?? '').split(delimiter).find((each) => existsSync(join(each, program)));
  if (folder === undefined) throw new Error(`this machine has no ${program}`);
  return join(folder, program);
}
