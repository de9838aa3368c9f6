// Runs programs, and compiles files against the types, in a folder in which the package is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** A running program; `await using` ends it. */
export type StartedProgram = AsyncDisposable & {
  /** Resolves with the first URL that it prints. */
  readonly url: Promise<string>;
};

/** Starts a program in a folder, in its own process group. */
export function startIn(
  folder: string,
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): StartedProgram {
  const child = spawn(command, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\/graphql/.exec(written) ?? [];
      if (found) resolve(found);
    });
  }
  void closed.then(() => reject(new Error(`it ended: ${written}`)));
  url.catch(() => {});
  return {
    url,
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
      await closed;
    },
  };
}

/** Compiles a file in a folder as if it were a project; rejects with the compiler's errors. */
export async function typeCheckIn(folder: string, file: string): Promise<void> {
  const types = join(MODULES, '@types');
  const options = ['--module', 'nodenext', '--target', 'es2024', '--strict', '--noEmit', '--skipLibCheck'];
  await run(
    join(MODULES, '.bin/tsc'),
    ['--ignoreConfig', ...options, '--typeRoots', types, '--types', 'node', file],
    {
      cwd: folder,
    },
  );
}
