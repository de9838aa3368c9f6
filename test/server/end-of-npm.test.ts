// `npm start` that is ended by its own pid: npm passes a signal on to its shell at most. And one that outlives its starter.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** bash runs the gateway in its own place, so that npm is its parent; others stay in between. */
const SHELLS = ['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell));

/** @param command - runs `npm start`, and may end when its standard input does. */
async function startByNpm(shell: string, command = 'exec npm start') {
  const child = spawn('/bin/sh', ['-c', command], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      npm_config_script_shell: shell,
    },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const url = await eventually(() => {
    const [found = ''] = /http:\/\/\S+?\/graphql/.exec(output) ?? [];
    expect(found).not.toBe('');
    return found;
  });
  return {
    child,
    url,
    output: () => output,
    async [Symbol.asyncDispose]() {
      // The group is gone if all went well.
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {}
    },
  };
}

// Only Linux shows that npm has ended while its shell goes on.
const SIGNALS =
  process.platform === 'linux' ? (['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) : (['SIGTERM'] as const);

const ENDS = SHELLS.flatMap((shell) => SIGNALS.map((signal) => [signal, shell] as const));

// Each start is a second of computing: one at a time, so that none waits for the others.
test.each(ENDS)(
  'the end of npm by %s ends the gateway as a signal does (%s)',
  {
    concurrent: false,
  },
  async (signal, shell) => {
    await using started = await startByNpm(shell);
    const { child, url, output } = started;
    expect((await fetch(new URL('/health', url))).status).toBe(200);

    child.kill(signal);
    await once(child, 'exit');

    await eventually(() => expect(output()).toContain('"msg":"stopped"'));
    await expect(fetch(new URL('/health', url))).rejects.toThrow();
  },
);

test.each(SHELLS)(
  'the end of what has started npm does not end the gateway (%s)',
  {
    concurrent: false,
  },
  async (shell) => {
    await using started = await startByNpm(shell, 'npm start & read line');
    const { child, url, output } = started;

    child.stdin.end('\n');
    await once(child, 'exit');

    // The gateway looks twice a second.
    for (const end = performance.now() + 1_500; performance.now() < end; )
      expect((await fetch(new URL('/health', url))).status).toBe(200);
    expect(output()).not.toContain('finishing');
  },
);
