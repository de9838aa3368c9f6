// Runs the gateway in its own process, as `npm start` does.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type GatewayProcess = AsyncDisposable & {
  readonly child: ChildProcess;
  /** Everything that it has written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the GraphQL URL as soon as the process prints it; rejects if the process ends first. */
  readonly url: Promise<string>;
  /** Resolves with the exit code, and with the signal if one killed the process. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

/**
 * Starts it with PATH and the given variables only. `await using` kills it if it still runs.
 *
 * @param options - `main`: another program than the sources; `cwd`: its working directory; `stdout`, `stderr`: file
 *   descriptors to write to instead, so that neither `output` nor `url` has what goes there.
 */
export function startGatewayProcess(
  args: readonly string[],
  env: Record<string, string>,
  {
    main = MAIN,
    cwd,
    stdout = 'pipe',
    stderr = 'pipe',
  }: {
    readonly main?: string;
    readonly cwd?: string;
    readonly stdout?: number | 'pipe';
    readonly stderr?: number | 'pipe';
  } = {},
): GatewayProcess {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', stdout, stderr],
  });
  const output = { stdout: '', stderr: '' };
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    const [found] = /http:\/\/\S+?\/graphql/.exec(output.stdout) ?? [];
    if (found) resolve(found);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    reject(new Error(`the gateway ended with ${code ?? signal}: ${output.stderr}`));
    return { code, signal };
  });
  // A test that expects the process to fail does not await the URL, so its rejection must count as handled.
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
