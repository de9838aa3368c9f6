// The peers are no dependencies of the project: the benchmark installs them beside itself when it is first run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./peers', import.meta.url));

/** Where it cannot, such as without a network, the benchmark goes on without them, and its table says so. */
export async function installPeers(): Promise<void> {
  if (existsSync(`${FOLDER}/node_modules/.package-lock.json`)) return;
  process.stderr.write('Installing Mercurius and GraphQL Mesh for the benchmark alone ...\n');
  const npm = spawn('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts', '--fetch-retries=1'], {
    cwd: FOLDER,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  npm.once('error', (error) => process.stderr.write(`${error.message}\n`));
  await once(npm, 'close').catch(() => {});
}
