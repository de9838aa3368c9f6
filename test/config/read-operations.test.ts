import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { readFaults } from '../support/read-faults.ts';

const KEY = { APIVIDEO_API_KEY: 'theKeyOfTheProject' };
const URL_OF_DATABASE = 'postgres://user:hunter2@db.example.com:5432/videos';
const SECRET = 'a-secret-of-32-characters-or-more';

const storeOf = (env: Record<string, string>, options: { sandbox?: boolean; dataDir?: string } = {}) =>
  readConfig(env, options).operations.store;

describe('operations are kept', () => {
  test('nowhere if nobody says where', () => {
    expect(storeOf(KEY)).toEqual({ kind: 'none' });
  });

  test('in the folder that the caller names, if no setting says where', () => {
    const options = { dataDir: './data' };
    expect(storeOf(KEY, options)).toEqual({ kind: 'folder', path: resolve('data') });
    expect(storeOf({ ...KEY, DATA_DIR: '/other' }, options)).toEqual({ kind: 'folder', path: '/other' });
  });

  test.each([URL_OF_DATABASE, URL_OF_DATABASE.replace('postgres', 'postgresql')])(
    'in PostgreSQL instead of a folder: %s',
    (url) => {
      const env = { ...KEY, DATABASE_URL: url, DATA_DIR: '/data' };
      expect(storeOf(env, { dataDir: './data' })).toEqual({ kind: 'postgres', url });
      expect(readConfig(env).warnings).toEqual([]);
    },
  );

  test('in PostgreSQL on a socket', () => {
    for (const url of ['postgres:///videos?host=/run/postgresql', 'postgres://%2Frun%2Fpostgresql/videos'])
      expect(storeOf({ ...KEY, DATABASE_URL: url })).toEqual({ kind: 'postgres', url });
  });

  test('in PostgreSQL whose URL and key come from files', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'secrets-'));
    const [url, key] = ['url', 'key'].map((name) => join(folder.path, name));
    writeFileSync(url ?? '', `${URL_OF_DATABASE}\n`);
    writeFileSync(key ?? '', `${SECRET}\n`);
    const env = { AUTH: 'passthrough', DATABASE_URL_FILE: url ?? '', SECRET_KEY_FILE: key ?? '' };
    expect(readConfig(env).operations).toMatchObject({
      store: { kind: 'postgres', url: URL_OF_DATABASE },
      secretKey: SECRET,
    });
  });

  test('in memory with the embedded sandbox, whatever is set, and a warning names what has no effect', () => {
    const options = { sandbox: true, dataDir: './data' };
    expect(storeOf({}, options)).toEqual({ kind: 'memory' });
    expect(readConfig({}, options).warnings).toEqual([]);
    const { operations, warnings } = readConfig(
      { DATA_DIR: '/data', DATABASE_URL: URL_OF_DATABASE },
      options,
    );
    expect(operations.store).toEqual({ kind: 'memory' });
    expect(warnings).toEqual([
      expect.stringMatching(/^DATA_DIR has no effect with the embedded sandbox/),
      expect.stringMatching(/^DATABASE_URL has no effect with the embedded sandbox/),
    ]);
  });
});

describe('refuses', () => {
  test.each([
    'https://db.example.com/videos',
    'db.example.com',
    'mysql://user:hunter2@db.example.com/videos',
    'postgres:///videos',
    'postgres://user:hunter2/#x@db.example.com/videos',
    'host=db.example.com password=hunter2',
  ])('DATABASE_URL=%s, and shows nothing of it', (url) => {
    const faults = readFaults({ ...KEY, DATABASE_URL: url });
    expect(faults).toEqual([
      expect.stringMatching(/^DATABASE_URL: expected a URL such as .*got something else$/),
    ]);
    expect(faults.join()).not.toContain('hunter2');
  });

  test('a short SECRET_KEY, says how to make one, and does not show it', () => {
    expect(readFaults({ ...KEY, SECRET_KEY: 'hunter2' })).toEqual([
      'SECRET_KEY: expected a secret of at least 32 characters, such as "openssl rand -base64 32" prints, and got something else',
    ]);
  });

  test.each([
    ['MAX_BACKGROUND_IDS', '0', '1 to 100000'],
    ['MAX_BACKGROUND_IDS', '100001', '1 to 100000'],
    ['MAX_OPEN_OPERATIONS', '0', '1 to 10000'],
    ['MAX_OPEN_OPERATIONS', '1e3', '1 to 10000'],
  ])('%s=%s', (name, value, range) => {
    expect(readFaults({ ...KEY, [name]: value })).toEqual([
      `${name}: expected a whole number from ${range}, and got "${value}"`,
    ]);
  });

  test('a database for callers with credentials of their own without SECRET_KEY, and says what to set', () => {
    const env = { AUTH: 'passthrough', DATABASE_URL: URL_OF_DATABASE };
    expect(readFaults(env)).toEqual([
      expect.stringMatching(/^SECRET_KEY: expected .*openssl rand -base64 32/),
    ]);
    expect(readFaults({ ...env, SECRET_KEY: SECRET })).toEqual([]);
    expect(readFaults({ AUTH: 'passthrough', DATA_DIR: '/data' })).toEqual([]);
    expect(readFaults({ ...KEY, DATABASE_URL: URL_OF_DATABASE })).toEqual([]);
  });
});
