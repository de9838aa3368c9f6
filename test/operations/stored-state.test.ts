// What a gateway shows of its store: at /ready, and on standard error.
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

async function readReady({ gateway }: TestGateway): Promise<{ status: number; body: unknown }> {
  const response = await gateway.fetch('http://127.0.0.1/ready');
  return { status: response.status, body: await response.json() };
}

test('/ready shows whether operations can be kept, and answers 200 if not', async () => {
  await using folder = await createFolder();
  await using without = await startTestGateway();
  expect(await readReady(without)).toEqual({
    status: 200,
    body: expect.not.objectContaining({ operations: expect.anything() }),
  });

  await using unused = await startTestGateway({ env: { DATA_DIR: join(folder.path, 'unused') } });
  expect(await readReady(unused)).toMatchObject({ status: 200, body: { operations: 'unopened' } });

  const file = join(folder.path, 'operations.sqlite');
  await writeFile(file, '');
  await using used = await startTestGateway({ env: { DATA_DIR: folder.path } });
  await eventually(async () =>
    expect(await readReady(used)).toMatchObject({ status: 200, body: { operations: 'ok' } }),
  );

  await using damaged = await createFolder();
  await writeFile(join(damaged.path, 'operations.sqlite'), 'no database. '.repeat(100));
  await using failing = await startTestGateway({ env: { DATA_DIR: damaged.path } });
  await eventually(async () =>
    expect(await readReady(failing)).toMatchObject({ status: 200, body: { operations: 'unavailable' } }),
  );
});

test('a process with a store writes nothing to standard error, and leaves the store to the next one', async () => {
  await using folder = await createFolder();
  // An empty file is a new database.
  await writeFile(join(folder.path, 'operations.sqlite'), '');
  for (let run = 1; run <= 2; run += 1) {
    await using started = startGatewayProcess([], {
      APIVIDEO_API_KEY: 'key',
      PORT: '0',
      DATA_DIR: folder.path,
    });
    await started.url;
    await eventually(() => expect(started.output.stdout).toContain('Durable operations are kept in'));
    started.child.kill('SIGTERM');
    expect(await started.ended).toEqual({ code: 0, signal: null });
    expect(started.output.stderr).toBe('');
    expect(started.output.stdout).not.toContain('waiting for');
  }
});

test('the program keeps operations in ./data, unless a setting says where', async () => {
  await using folder = await createFolder();
  for (const [name, settings] of [
    ['data', {}],
    ['elsewhere', { DATA_DIR: 'elsewhere' }],
  ] as const) {
    // A file that is empty is a new database.
    await mkdir(join(folder.path, name));
    await writeFile(join(folder.path, name, 'operations.sqlite'), '');
    await using program = startGatewayProcess(
      [],
      { APIVIDEO_API_KEY: 'key', PORT: '0', ...settings },
      { cwd: folder.path },
    );
    const ready = new URL('/ready', await program.url);
    await eventually(async () =>
      expect(await (await fetch(ready)).json()).toMatchObject({ operations: 'ok' }),
    );
    const { size } = await stat(join(folder.path, name, 'operations.sqlite'));
    expect(size, name).toBeGreaterThan(0);
    await rm(join(folder.path, name), { recursive: true });
  }

  await writeFile(join(folder.path, 'data'), '');
  // The path leads to a file, so the folder is not there: nothing is opened, nothing is said.
  await using idle = startGatewayProcess([], { APIVIDEO_API_KEY: 'key', PORT: '0' }, { cwd: folder.path });
  const url = new URL('/ready', await idle.url);
  expect(await (await fetch(url)).json()).toMatchObject({ operations: 'unopened' });
});
