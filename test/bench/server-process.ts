// A server in a process of its own, so that it shares an event loop with nothing else that is measured.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const METER = new URL('./meter.js', import.meta.url);

const usage = z.object({ cpuMicros: z.number(), rssBytes: z.number() });

export type ServerProcess = {
  /** Such as `http://127.0.0.1:49152`. */
  readonly origin: string;
  /** CPU time since its start, and memory now. */
  usage(): Promise<z.infer<typeof usage>>;
  /** Its answer to a message. */
  ask(question: string): Promise<unknown>;
  stop(): Promise<void>;
};

/**
 * Starts a module that prints its address once it listens.
 *
 * @throws {Error} where it ends before that, with its own last words.
 */
export async function startServer(
  module: string,
  { args = [], env = {} }: { args?: readonly unknown[]; env?: Record<string, string> } = {},
): Promise<ServerProcess> {
  const child = fork(
    fileURLToPath(new URL(module, import.meta.url)),
    args.map((argument) => JSON.stringify(argument)),
    {
      // Everybody as in production, which the gateway is by itself.
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
      execArgv: ['--import', METER.href],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  return { origin: await readOrigin(child), ...toHandle(child) };
}

/** Node.js with nothing to do. */
export function startBareProcess(): Pick<ServerProcess, 'usage' | 'stop'> {
  return toHandle(fork(fileURLToPath(METER), { execArgv: [] }));
}

function toHandle(child: ChildProcess) {
  async function ask(question: string): Promise<unknown> {
    child.send(question);
    const [answer] = await once(child, 'message');
    return answer;
  }
  return {
    ask,
    usage: async () => usage.parse(await ask('usage')),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function readOrigin(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const output = { stdout: '', stderr: '' };
  let isListening = false;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    // Read on, so that it never waits for its log; but kept only until the address is there.
    if (isListening) return;
    output.stdout += text;
    const [origin] = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout) ?? [];
    if (!origin) return;
    isListening = true;
    resolve(origin);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = (output.stderr + text).slice(-2000);
  });
  child.once('close', (code, signal) => {
    // Node.js shows the place in the code before it says what is wrong.
    const [reason = output.stderr.trim()] = /^\w*Error\b.*?(?= imported from |$)/m.exec(output.stderr) ?? [];
    reject(new Error(`it ended with ${code ?? signal}: ${reason}`));
  });
  return promise;
}
