import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OperationSettings } from '../../src/config/config.ts';
import { openStorage } from '../../src/operations/open-storage.ts';
import { openSqlite } from '../../src/operations/sqlite.ts';
import { captureLog } from '../support/capture-log.ts';
import { createFolder } from '../support/create-folder.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';

const LONG_MS = 600_000;

function toSettings(store: OperationSettings['store'], secretKey?: string): OperationSettings {
  return { store, secretKey, maxBackgroundIds: 10, maxOpenOperations: 10 };
}

function start(path: string, times: Parameters<typeof openStorage>[2] = { busyMs: 0, retryMs: 20 }) {
  const log = captureLog('info');
  const { storage, secretKey } = openStorage(toSettings({ kind: 'folder', path }), log.logger, times);
  return { storage, secretKey, log, [Symbol.asyncDispose]: () => storage.close() };
}

/** A gateway in a process of its own, which has opened the folder. */
async function startHolder(path: string) {
  const { storage } = start(path);
  await storage.open();
  await storage.close();
  const holder = startGatewayProcess([], { APIVIDEO_API_KEY: 'key', PORT: '0', DATA_DIR: path });
  await holder.url;
  await eventually(() => expect(holder.output.stdout).toContain('Durable operations are kept in'));
  return holder;
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('a folder', () => {
  test('is made when it is needed, and is for its owner alone', async () => {
    await using folder = await createFolder();
    const path = join(folder.path, 'a', 'data');
    await using started = start(path);
    expect(started.storage.state).toBe('unopened');
    expect(await readdir(folder.path)).toEqual([]);

    await started.storage.open();
    expect(started.storage.state).toBe('ok');
    expect((await readdir(path)).toSorted()).toEqual(['operations.sqlite', 'operations.sqlite-wal']);
    expect(await modeOf(path)).toBe('700');
    for (const name of await readdir(path)) expect(await modeOf(join(path, name)), name).toBe('600');
    expect(started.log.lines.map(({ msg }) => msg)).toEqual([
      `Durable operations are kept in ${join(path, 'operations.sqlite')}`,
    ]);
  });

  test('is opened at the start if it has operations', async () => {
    await using folder = await createFolder();
    {
      await using first = start(folder.path);
      await first.storage.open();
    }
    await using second = start(folder.path);
    await eventually(() => expect(second.storage.state).toBe('ok'));
  });

  test('is written through to the disk, and is locked', async () => {
    await using folder = await createFolder();
    const database = await openSqlite({ file: join(folder.path, 'file'), busyMs: 0 });
    const read = async (name: string) => Object.values((await database.query(`PRAGMA ${name}`))[0] ?? {})[0];
    expect(await read('synchronous')).toBe(2);
    expect(await read('fullfsync')).toBe(1);
    expect(await read('journal_mode')).toBe('wal');
    expect(await read('locking_mode')).toBe('exclusive');
    await database.close();
  });

  test('that another process uses is left alone, with one line, until that process is killed', async () => {
    await using folder = await createFolder();
    await using holder = await startHolder(folder.path);
    await using second = start(folder.path);

    await expect(second.storage.open()).rejects.toThrow('another process uses the folder of operations');
    await eventually(() => expect(second.storage.state).toBe('unavailable'));
    const lines = () => second.log.lines.map(({ msg }) => msg);
    expect(lines()).toEqual([expect.stringContaining('cannot be kept in')]);
    holder.child.kill('SIGKILL');
    await holder.ended;
    await eventually(() => expect(second.storage.state).toBe('ok'));
    expect(lines()).toHaveLength(2);
  });

  test('that another process uses is waited for, and free once that process has stopped', async () => {
    await using folder = await createFolder();
    await using holder = await startHolder(folder.path);
    await using second = start(folder.path, { busyMs: LONG_MS, retryMs: 0 });

    await eventually(() => expect(second.log.text()).toContain('waiting for up to 600 seconds'));
    expect(second.storage.state).toBe('opening');
    holder.child.kill('SIGTERM');
    expect(await holder.ended).toEqual({ code: 0, signal: null });
    await second.storage.open();
    expect(second.storage.failure).toBeUndefined();
  });

  test('that is waited for does not keep the gateway from stopping', async () => {
    await using folder = await createFolder();
    await using _holder = await startHolder(folder.path);
    const second = start(folder.path, { busyMs: LONG_MS });
    const opening = second.storage.open();
    await eventually(() => expect(second.log.text()).toContain('waiting for'));
    await Promise.all([second.storage.close(), expect(opening).rejects.toThrow('the gateway is stopping')]);
    expect(second.log.lines).toHaveLength(1);
  });

  test('has the leases of a gateway that was killed freed', async () => {
    await using folder = await createFolder();
    const file = join(folder.path, 'operations.sqlite');
    {
      await using first = start(folder.path);
      await first.storage.open();
    }
    const database = await openSqlite({ file, busyMs: 0 });
    await database.query(
      `INSERT INTO operation (id, target, project, owner, subject, kind, fingerprint, status, total, counts, settled,
        epoch, lease_by, lease_until, created_at)
      VALUES ('op_1', 't', 'p', 'o', 's', 'delete', 'f', 'running', 1, '{}', 0, 1, 'the killed one', 99999999999999, 1)`,
    );
    await database.close();
    await using second = start(folder.path);
    const store = await second.storage.open();
    const held = await store.acquire({
      holder: 'second',
      target: 't',
      secretId: undefined,
      leaseMs: 1_000,
      most: 1,
      except: [],
    });
    expect(held).toMatchObject([{ id: 'op_1', epoch: 2 }]);
  });

  test('whose path leads to a file is refused until it is gone, and the reason has no path', async () => {
    await using folder = await createFolder();
    const path = join(folder.path, 'data');
    await writeFile(path, 'something else');
    await using started = start(path);
    await expect(started.storage.open()).rejects.toThrow(
      /^the path of the folder of operations leads to something else$/,
    );
    expect(await readFile(path, 'utf8')).toBe('something else');
    await rm(path);
    await eventually(() => expect(started.storage.state).toBe('ok'));
  });

  test.runIf(process.platform === 'linux')('that cannot be made is refused', async () => {
    await using started = start('/proc/operations');
    await expect(started.storage.open()).rejects.toThrow('the folder of operations cannot be written');
  });

  test('with a damaged file is refused, and nothing of the file changes', async () => {
    await using folder = await createFolder();
    const file = join(folder.path, 'operations.sqlite');
    const junk = 'no database at all. '.repeat(1_000);
    await writeFile(file, junk);
    await using started = start(folder.path);
    await eventually(() => expect(started.storage.failure).toBe('the file of operations is damaged'));
    expect(await readFile(file, 'utf8')).toBe(junk);
    await rm(file);
    await eventually(() => expect(started.storage.state).toBe('ok'));
    expect(started.log.lines).toHaveLength(2);
  });

  test('that a newer gateway has used is refused, and says so', async () => {
    await using folder = await createFolder();
    {
      await using first = start(folder.path);
      await first.storage.open();
    }
    const database = await openSqlite({ file: join(folder.path, 'operations.sqlite'), busyMs: 0 });
    await database.query('UPDATE store_version SET version = 99');
    await database.close();
    await using second = start(folder.path);
    await eventually(() => expect(second.storage.failure).toContain('a newer gateway has used them'));
  });

  test('is used by one of two gateways in a process', async () => {
    await using folder = await createFolder();
    await using first = start(folder.path);
    await first.storage.open();
    await using second = start(folder.path);
    await expect(second.storage.open()).rejects.toThrow('another process uses');
    await using holder = startGatewayProcess([], {
      APIVIDEO_API_KEY: 'key',
      PORT: '0',
      DATA_DIR: folder.path,
    });
    await holder.url;
    await eventually(() => expect(holder.output.stdout).toContain('waiting for up to 15 seconds'));
    await first.storage.close();
    await eventually(() =>
      expect([second.storage.state, holder.output.stdout].join()).toMatch(/^ok|kept in/),
    );
  });
});

test('in memory, operations end with the gateway', async () => {
  const log = captureLog('info');
  const { storage, secretKey } = openStorage(toSettings({ kind: 'memory' }), log.logger);
  expect(storage.state).toBe('unopened');
  const store = await storage.open();
  expect(await store.count({ target: 't', project: 'p', owner: undefined }, false)).toBe(0);
  const other = openStorage(toSettings({ kind: 'memory' }), log.logger);
  expect((await secretKey.make()).id).toBe((await secretKey.find())?.id);
  expect((await secretKey.make()).id).not.toBe((await other.secretKey.make()).id);
  await storage.close();
  await expect(storage.open()).rejects.toThrow('the gateway is stopping');
});

test('nowhere, every durable call hears what to set, and nothing is logged or tried', async () => {
  const log = captureLog('info');
  const { storage } = openStorage(toSettings({ kind: 'none' }), log.logger);
  await expect(storage.open()).rejects.toThrow('neither DATA_DIR nor DATABASE_URL is set');
  expect(log.lines).toEqual([]);
  await storage.close();
});

describe('the key of credentials', () => {
  test('is made once, for its owner alone, and found again', async () => {
    await using folder = await createFolder();
    await using first = start(folder.path);
    await first.storage.open();
    expect(await first.secretKey.find()).toBeUndefined();
    const [one, same] = await Promise.all([first.secretKey.make(), first.secretKey.make()]);
    expect(same.id).toBe(one.id);
    expect(await modeOf(join(folder.path, 'secret-key'))).toBe('600');
    expect((await readdir(folder.path)).filter((name) => name.startsWith('secret-key'))).toEqual([
      'secret-key',
    ]);

    const again = start(folder.path);
    expect((await again.secretKey.find())?.id).toBe(one.id);
    expect((await again.secretKey.make()).open('op_1', one.close('op_1', 'secret'))).toBe('secret');
    await again.storage.close();
    expect(first.log.lines).toHaveLength(1);
  });

  test('that two gateways make at the same moment is one', async () => {
    await using folder = await createFolder();
    const keys = Array.from({ length: 20 }, () => start(folder.path).secretKey);
    const made = await Promise.all(keys.map((key) => key.make()));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });

  test.each(['', 'half-a-key', `${'x'.repeat(43)}\nand more`])(
    'that is damaged is neither used nor replaced: %j',
    async (text) => {
      await using folder = await createFolder();
      const path = join(folder.path, 'secret-key');
      await writeFile(path, text);
      await using started = start(folder.path);
      await expect(started.secretKey.make()).rejects.toThrow('the key of callers’ credentials is damaged');
      await expect(started.secretKey.find()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
      expect(await readFile(path, 'utf8')).toBe(text);
    },
  );

  test('that others may read is used, with one warning', async () => {
    await using folder = await createFolder();
    {
      await using first = start(folder.path);
      await first.secretKey.make();
    }
    await chmod(join(folder.path, 'secret-key'), 0o644);
    await using second = start(folder.path);
    await second.secretKey.make();
    await second.secretKey.find();
    expect(second.log.lines.map(({ msg }) => msg)).toEqual([expect.stringContaining('set its mode to 600')]);
  });

  test('that cannot be read or written is no crash', async () => {
    await using folder = await createFolder();
    await mkdir(join(folder.path, 'secret-key'));
    await using started = start(folder.path);
    await expect(started.secretKey.make()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    await using nowhere = start(join(folder.path, 'nowhere'));
    await expect(nowhere.secretKey.make()).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  });

  test('of the settings is used as it is', async () => {
    await using folder = await createFolder();
    const key = 'a-secret-of-32-characters-or-more';
    const settings = toSettings({ kind: 'folder', path: folder.path }, key);
    const { logger } = captureLog('info');
    const [one, other] = [openStorage(settings, logger), openStorage(settings, logger)];
    expect((await one.secretKey.make()).id).toBe((await other.secretKey.find())?.id);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
