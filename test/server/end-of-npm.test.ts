// `npm start` that is ended by its own pid: npm passes no signal on to the gateway.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function startByNpm() {
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0' },
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
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

test.each(SIGNALS)('the end of npm by %s ends the gateway as a signal does', async (signal) => {
  await using started = await startByNpm();
  const { child, url, output } = started;
  expect((await fetch(new URL('/health', url))).status).toBe(200);

  child.kill(signal);
  await once(child, 'exit');

  await eventually(() => expect(output()).toContain('"msg":"stopped"'));
  await expect(fetch(new URL('/health', url))).rejects.toThrow();
});
