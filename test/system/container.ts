// Runs commands in an image as a container would: process 1 of its own, its own user, no privilege to gain, and a root file
// system that is read-only.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Image } from './image.ts';

export type Container = AsyncDisposable & {
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Sends a signal to process 1, as `docker stop` does. */
  signal(name: NodeJS.Signals): void;
};

const SCRIPT = `
set -eu
root=$1 user=$2 directory=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -o remount,ro,bind "$root"
exec setpriv --no-new-privs /usr/sbin/chroot --userspec="$user:$user" "$root" /usr/bin/env --chdir="$directory" "$@"
`;

/** Starts a command with the environment of the image and these variables. `await using` kills it if it still runs. */
export function startContainer(
  { root, user, workingDirectory, env }: Image,
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Container {
  // All of it ends with the process of the tests, even if that is killed.
  const args = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const script = ['sh', '-c', SCRIPT, 'container', root, user, workingDirectory];
  const child = spawn('setpriv', [...args, ...script, ...command], {
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  return {
    output,
    ended,
    signal: (name) => process.kill(readChild(child), name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The process that `unshare` has started, and waits for. */
function readChild({ pid }: ChildProcess): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  if (!child) throw new Error('the container has no process');
  return Number(child);
}
