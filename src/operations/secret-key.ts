// The key that callers' credentials are encrypted with: the one of SECRET_KEY, or one that the gateway makes and keeps in
// a file beside the operations. It never replaces a key that is there, because nothing else decrypts what waits.
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { OperationSettings } from '../config/config.ts';
import { createSecretBox, type SecretBox } from './secret-box.ts';
import { StorageUnavailableError } from './storage.ts';

const FILE = 'secret-key';
const BYTES = 32;
/** 32 bytes as base64url. */
const FORM = /^[\w-]{43}$/;

export type SecretKey = {
  /** @returns undefined if none has been made. @throws {StorageUnavailableError} if it cannot be read. */
  find(): Promise<SecretBox | undefined>;
  /**
   * Makes the key if there is none. Call it with the store open: its lock keeps two gateways from making one each.
   *
   * @throws {StorageUnavailableError} if it cannot be read, or not be written.
   */
  make(): Promise<SecretBox>;
};

export function createSecretKey({ store, secretKey }: OperationSettings, logger: Logger): SecretKey {
  if (secretKey !== undefined) return createFixed(secretKey);
  if (store.kind === 'folder') return createKept(join(store.path, FILE), logger);
  if (store.kind === 'memory') return createFixed(randomBytes(BYTES).toString('base64url'));
  return {
    find: async () => undefined,
    make: async () => {
      throw new StorageUnavailableError('there is no SECRET_KEY to encrypt credentials with');
    },
  };
}

function createFixed(key: string): SecretKey {
  const box = createSecretBox(key);
  return { find: async () => box, make: async () => box };
}

function createKept(path: string, logger: Logger): SecretKey {
  let known: SecretBox | undefined;
  let making: Promise<SecretBox> | undefined;

  async function find(): Promise<SecretBox | undefined> {
    known ??= await orUnavailable(async () => {
      const text = await readKey(path);
      if (text === undefined) return undefined;
      await warnIfOpen(path, logger);
      return createSecretBox(text);
    });
    return known;
  }

  async function make(): Promise<SecretBox> {
    const found = await find();
    if (found) return found;
    await orUnavailable(() => writeKey(path));
    const made = await find();
    if (!made) throw new StorageUnavailableError(NO_KEY);
    return made;
  }

  return {
    find,
    make: () => {
      making ??= make().finally(() => {
        making = undefined;
      });
      return making;
    },
  };
}

const NO_KEY = 'the key of callers’ credentials cannot be read or written';

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof StorageUnavailableError) throw cause;
    throw new StorageUnavailableError(NO_KEY, { cause });
  }
}

async function readKey(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  if (!FORM.test(text))
    throw new StorageUnavailableError('the key of callers’ credentials is damaged', {
      cause: new Error(
        `expected 43 letters, digits, _ or - in ${path}, and got something else: restore that file; or remove it, and operations of callers whose credentials it encrypts never end`,
      ),
    });
  return text;
}

/** Whole or not at all, also if the machine stops meanwhile, and never in place of another. */
async function writeKey(path: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(BYTES).toString('base64url')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

async function warnIfOpen(path: string, logger: Logger): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  logger.warn(
    { path },
    `Other users of this machine may read ${path}, which decrypts the credentials of callers: set its mode to 600`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
