// The Dockerfile, where no engine is at hand: its stages are laid out as folders, its build is run, its last stage started.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { run } from '../support/run-command.ts';

const MAKE_DATA = `node -e "fs.mkdirSync('/data', { mode: 0o700 }); fs.chownSync('/data', 1000, 1000)"`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

type Instruction = { readonly name: string; readonly args: string };
type Stage = { readonly name: string; readonly from: string; readonly instructions: readonly Instruction[] };

function readStages(): readonly Stage[] {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', args = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    const [from = '', as = 'last'] = args.split(' AS ');
    if (name === 'FROM') stages.push({ name: as, from, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, args });
  }
  return stages;
}

/** The process itself, in exec form: a JSON list. */
const readExec = (command: string) => z.tuple([z.literal('node')], z.string()).parse(JSON.parse(command));

function layOutCopy(folders: ReadonlyMap<string, string>, stage: Stage, args: string): void {
  const [, from, list = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(args) ?? [];
  const paths = list.split(' ');
  const target = paths.pop() ?? '';
  for (const path of paths) {
    const source = from ? join(folders.get(from) ?? '', path.replace('/app/', '')) : join(ROOT, path);
    expect(existsSync(source), `${args} of stage ${stage.name}`).toBe(true);
    const place = join(folders.get(stage.name) ?? '', target === './' ? path : target);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(source, place, { recursive: true, verbatimSymlinks: true });
  }
}

test('its build works in the order it is written, and what is left starts and is healthy', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'dockerfile-'));
  const stages = readStages();
  const folders = new Map(stages.map(({ name }) => [name, join(temporary.path, name)]));
  for (const stage of stages) {
    const folder = folders.get(stage.name) ?? '';
    mkdirSync(folder);
    for (const { name, args } of stage.instructions) {
      if (name === 'COPY') layOutCopy(folders, stage, args);
      // The folder of durable operations belongs to a user of the image, whom this machine may not have.
      if (name !== 'RUN' || args === MAKE_DATA) continue;
      // What `npm ci` would install lies here already.
      if (args.startsWith('npm ci')) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
      else await run('bash', ['-c', args], { cwd: folder });
    }
  }

  const last = stages.at(-1)?.instructions ?? [];
  const [, main = '', ...args] = readExec(last.find(({ name }) => name === 'CMD')?.args ?? '');
  expect(args).toEqual([]);
  const cwd = folders.get('last') ?? '';
  await using started = startGatewayProcess(['--sandbox'], { PORT: '0' }, { main, cwd });
  const { port } = new URL(await started.url);

  const [, check = ''] = /CMD (.*)$/.exec(last.find(({ name }) => name === 'HEALTHCHECK')?.args ?? '') ?? [];
  const [, ...checkArgs] = readExec(check);
  await run(process.execPath, checkArgs, { env: { PORT: port } });

  started.child.kill('SIGTERM');
  expect(await started.ended).toEqual({ code: 0, signal: null });
  await expect(run(process.execPath, checkArgs, { env: { PORT: port } })).rejects.toThrow();
});

test('installs neither the package for frontends nor the clients that it is for', async () => {
  using temporary = mkdtempDisposableSync(join(tmpdir(), 'dependencies-'));
  const stage = readStages().find(({ name }) => name === 'dependencies');
  const folders = new Map([['dependencies', temporary.path]]);
  for (const { name, args } of stage?.instructions ?? []) {
    if (name === 'COPY' && stage) layOutCopy(folders, stage, args);
    if (name === 'RUN')
      await run('bash', ['-c', `${args} --ignore-scripts --prefer-offline`], { cwd: temporary.path });
  }

  const installed = readdirSync(join(temporary.path, 'node_modules'));
  expect(installed).toEqual(expect.arrayContaining(['graphql', 'graphql-yoga']));
  const clients = ['apivideo-graphql-client', '@apollo', '@urql', 'relay-runtime', 'react', 'rxjs'];
  expect(installed.filter((name) => clients.includes(name))).toEqual([]);
}, 300_000);

test('runs as a user that is not root, and brings neither sources nor tests', () => {
  const last = readStages().at(-1)?.instructions ?? [];
  const user = last.findIndex(({ name }) => name === 'USER');
  expect(last[user]?.args).toBe('node');
  expect(last.findIndex(({ name }) => name === 'CMD')).toBeGreaterThan(user);
  const copied = last.filter(({ name }) => name === 'COPY').map(({ args }) => args.split(' ').at(-1));
  expect(copied).toEqual(['./', 'schema', 'node_modules', 'dist']);
  expect(last.filter(({ name }) => name === 'ENV').map(({ args }) => args)).toEqual([
    'NODE_ENV=production',
    'HOST=::',
    'DATA_DIR=/data',
  ]);
  // Its user may write where it keeps durable operations, also without a volume.
  expect(last.filter(({ name }) => name === 'RUN').map(({ args }) => args)).toEqual([MAKE_DATA]);
  expect(last.find(({ name }) => name === 'VOLUME')?.args).toBe('/data');
});

test('has what the Dockerfile copies in its context, and nothing else', () => {
  const [everything, ...allowed] = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  expect(everything).toBe('*');
  const copied = readStages()
    .flatMap(({ instructions }) => instructions)
    .filter(({ name, args }) => name === 'COPY' && !args.startsWith('--from'))
    .flatMap(({ args }) => args.split(' ').slice(0, -1));
  expect(new Set(allowed)).toEqual(new Set(copied.map((path) => `!${path}`)));
});
