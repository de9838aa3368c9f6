// `npm run test:oldest-node`: a part of the tests on the oldest Node.js that `engines` names: the start, a deletion, a list,
// the store of operations, and the package. It installs that Node.js into this folder first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const BIN = join(FOLDER, 'node_modules/.bin');

const TESTS = [
  'test/server/serve.test.ts',
  'test/resolvers/delete-videos.test.ts',
  'test/resolvers/nodes.test.ts',
  'test/connection/walk.test.ts',
  'test/operations/stored-state.test.ts',
  'test/operations/sqlite-store.test.ts',
  'test/package/package.test.ts',
];

const { engines } = readPackage(ROOT, z.object({ engines: z.object({ node: z.string() }) }));
const { dependencies } = readPackage(FOLDER, z.object({ dependencies: z.object({ node: z.string() }) }));
if (engines.node !== `>=${dependencies.node}`)
  throw new Error(`Expected engines to name >=${dependencies.node}, and it names ${engines.node}.`);

if (!existsSync(join(BIN, 'node'))) await run('npm', ['ci', '--prefix', FOLDER], process.env);
await run(join(BIN, 'node'), ['--version'], process.env);
await run(join(BIN, 'node'), [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...TESTS], {
  ...process.env,
  // Programs that the tests start by name are to run on it as well.
  PATH: `${BIN}${delimiter}${process.env.PATH}`,
});

function readPackage<T>(folder: string, shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
}

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [code, signal] = await once(spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' }), 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}.`);
}
