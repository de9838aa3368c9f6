// The program as a process of its own, started as `npm start` does it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type GatewayProcess = AsyncDisposable & {
  readonly child: ChildProcess;
  /** All that it has written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the URL of GraphQL as soon as it is printed; rejects where the process ends before that. */
  readonly url: Promise<string>;
  /** Resolves with the exit code, and the signal that killed it where one did. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/**
 * Starts it with these variables and no others of its own; `await using` kills it where it still runs then.
 *
 * @param options - `main`, where it is not the sources; `cwd`.
 */
export function startGatewayProcess(
  args: readonly string[],
  env: Record<string, string>,
  { main = MAIN, cwd }: { readonly main?: string; readonly cwd?: string } = {},
): GatewayProcess {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    const [found] = /http:\/\/\S+?\/graphql/.exec(output.stdout) ?? [];
    if (found) resolve(found);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    reject(new Error(`the gateway ended with ${code ?? signal}: ${output.stderr}`));
    return { code, signal };
  });
  // Whoever expects the process to fail does not wait for its URL.
  url.catch(() => {});
  return {
    child,
    output,
    url,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
