// Runs a command to its end, and shows its whole output if it fails.
import { execFile } from 'node:child_process';

/** Resolves with its standard output; rejects if it exits with anything but 0. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, input = '' }: { cwd?: string | URL; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    command,
    [...args],
    { cwd, env, maxBuffer: 64 * 1024 * 1024 },
    (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stdout}${stderr}`));
      else resolve(stdout);
    },
  );
  // A command may end before it has taken its input: how it ended says more.
  child.stdin?.on('error', () => undefined).end(input);
  return promise;
}
