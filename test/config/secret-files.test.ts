// Secrets from files: what a file may be, and what the message says of one that cannot be used.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { readFaults } from '../support/read-faults.ts';

const SECRET = 'a-secret-of-32-characters-or-more';
const JWT = { APIVIDEO_API_KEY: 'k', AUTH: 'jwt', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' };

function createFolder() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'secrets-'));
  return {
    at: (name: string) => join(folder.path, name),
    write(content: string | Buffer, name = 'file'): string {
      writeFileSync(join(folder.path, name), content);
      return join(folder.path, name);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

describe('a secret is read from a file', () => {
  test.each([
    ['without a line end', SECRET, SECRET],
    ['without its line end', `${SECRET}\n`, SECRET],
    ['without its line end of Windows', `${SECRET}\r\n`, SECRET],
    ['without its byte order mark', `\ufeff${SECRET}\n`, SECRET],
    ['of 64 KiB', 'x'.repeat(65_536), 'x'.repeat(65_536)],
    ['with other letters', 'ü'.repeat(40), 'ü'.repeat(40)],
  ])('%s', (_name, content, secret) => {
    using folder = createFolder();
    const { auth } = readConfig({ ...JWT, JWT_SECRET_FILE: folder.write(content) });
    expect(auth).toMatchObject({ keys: { secret } });
  });

  test('that a link leads to, as Kubernetes mounts it', () => {
    using folder = createFolder();
    mkdirSync(folder.at('..2026_01_01'));
    folder.write('theKey\n', '..2026_01_01/key');
    symlinkSync('..2026_01_01', folder.at('..data'));
    symlinkSync('..data/key', folder.at('key'));
    expect(readConfig({ APIVIDEO_API_KEY_FILE: folder.at('key') })).toMatchObject({ apiKey: 'theKey' });
  });

  test('and blanks or quotes around the key in it are taken away, as from the variable', () => {
    using folder = createFolder();
    const path = folder.write(' "theKey" \r\n\n');
    expect(readConfig({ APIVIDEO_API_KEY_FILE: path, APIVIDEO_API_KEY: ' ' }).apiKey).toBe('theKey');
  });

  test('which counts as a key: the embedded sandbox yields to it, and passthrough refuses it', () => {
    using folder = createFolder();
    const APIVIDEO_API_KEY_FILE = folder.write('theKey');
    expect(readConfig({ APIVIDEO_API_KEY_FILE }, { sandbox: true })).toMatchObject({ sandbox: false });
    expect(readFaults({ APIVIDEO_API_KEY_FILE, AUTH: 'passthrough' })).toEqual([
      expect.stringMatching(/^APIVIDEO_API_KEY_FILE: expected none with AUTH=passthrough/),
    ]);
    expect(readFaults({ APIVIDEO_API_KEY_FILE, JWT_SECRET_FILE: folder.write(SECRET, 'jwt') })).toEqual([
      'JWT_SECRET_FILE: expected AUTH=jwt with this setting, and got AUTH="none"',
    ]);
  });
});

describe('the start is refused, with one sentence that has the path and not the content, if the file', () => {
  type Folder = ReturnType<typeof createFolder>;
  test.each<[string, (folder: Folder) => string]>([
    ['does not exist', (folder) => folder.at('nowhere')],
    ['is a directory', (folder) => folder.at('.')],
    ['is empty', (folder) => folder.write('')],
    ['is empty', (folder) => folder.write(' \r\n\ufeff\n')],
    ['has more than 65536 bytes', (folder) => folder.write('hunter2'.repeat(10_000))],
    ['is not UTF-8', (folder) => folder.write(Buffer.from([104, 117, 110, 0xff, 0xfe]))],
    ['is not UTF-8', (folder) => folder.write(Buffer.from(`\ufeff${SECRET}`, 'utf16le'))],
    [
      'cannot be read (ELOOP)',
      (folder) => {
        symlinkSync('loop', folder.at('loop'));
        return folder.at('loop');
      },
    ],
    ['cannot be read (ENOTDIR)', (folder) => join(folder.write('hunter2'), 'file')],
    [
      'is not a regular file',
      (folder) => {
        execFileSync('mkfifo', [folder.at('pipe')]);
        return folder.at('pipe');
      },
    ],
    ['is not a regular file', () => '/dev/zero'],
  ])('%s', (reason, create) => {
    using folder = createFolder();
    const path = create(folder);
    for (const sandbox of [true, false])
      expect(readFaults({ APIVIDEO_API_KEY_FILE: path }, sandbox)).toEqual([
        `APIVIDEO_API_KEY_FILE: expected the path of a file that has the secret, and ${JSON.stringify(path)} ${reason}`,
      ]);
    expect(readFaults({ ...JWT, JWT_SECRET_FILE: path })).toEqual([
      `JWT_SECRET_FILE: expected the path of a file that has the secret, and ${JSON.stringify(path)} ${reason}`,
    ]);
  });

  test.each([
    [`${SECRET} `, 'a blank at its end'],
    [`${SECRET}\n\n`, 'a line feed (U+000A) at its end'],
    [`${SECRET}\r\n\r\n`, 'a carriage return (U+000D) at its end'],
    [`"${SECRET}"\n`, 'quotes around it'],
    [`JWT=${SECRET}\nOTHER=2\n`, 'a line feed (U+000A) in it'],
  ])('has more than the secret: %j', (content, got) => {
    using folder = createFolder();
    expect(readFaults({ ...JWT, JWT_SECRET_FILE: folder.write(content) })).toEqual([
      `JWT_SECRET (from JWT_SECRET_FILE): expected a secret without blanks or quotes around it, and without invisible characters, and got ${got}`,
    ]);
  });

  test('has a secret that is too short, or a key that can be none', () => {
    using folder = createFolder();
    expect(readFaults({ ...JWT, JWT_SECRET_FILE: folder.write('hunter2') })).toEqual([
      'JWT_SECRET (from JWT_SECRET_FILE): expected a secret of at least 32 characters, and got something else',
    ]);
    expect(readFaults({ APIVIDEO_API_KEY_FILE: folder.write('hunter 2') })).toEqual([
      'APIVIDEO_API_KEY (from APIVIDEO_API_KEY_FILE): expected an API key without spaces or line breaks, and got something else',
    ]);
  });
});

test('the variable and its file together refuse the start, and neither is read', () => {
  using folder = createFolder();
  const path = folder.write('theOtherKey');
  expect(readFaults({ APIVIDEO_API_KEY: 'theKey', APIVIDEO_API_KEY_FILE: path })).toEqual([
    'APIVIDEO_API_KEY_FILE: expected either this or APIVIDEO_API_KEY, and both are set',
  ]);
  expect(readFaults({ ...JWT, JWT_SECRET: SECRET, JWT_SECRET_FILE: '/nowhere' })).toEqual([
    'JWT_SECRET_FILE: expected either this or JWT_SECRET, and both are set',
  ]);
});

test('a secret in place of the path is not shown', () => {
  const [fault = '', ...others] = readFaults({ ...JWT, JWT_SECRET_FILE: SECRET });
  expect(others).toEqual([]);
  expect(fault).toMatch(/^JWT_SECRET_FILE: expected the path .*not shown.* does not exist$/);
  expect(fault).not.toContain(SECRET);
});

test('all faults are in one message', () => {
  using folder = createFolder();
  const faults = readFaults({
    AUTH: 'jwt',
    PORT: 'x',
    APIVIDEO_API_KEY_FILE: folder.at('a'),
    JWT_SECRET_FILE: folder.at('b'),
  });
  expect(faults.map((fault) => fault.slice(0, fault.indexOf(':')))).toEqual([
    'APIVIDEO_API_KEY_FILE',
    'JWT_SECRET_FILE',
    'PORT',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
  ]);
});
