// Reads a secret from a file, as Docker and Kubernetes mount them. No message has anything of the file's content.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { cleanSetting, quoteSetting } from './clean-setting.ts';

const MAX_BYTES = 64 * 1024;
const MAX_SHOWN = 200;
const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read by this process'],
  ['EPERM', 'may not be read by this process'],
]);

/**
 * @returns the content as it is, without one line end at its end.
 * @throws {Error} with a message that completes "expected …".
 */
export function readSecretFile(path: string): string {
  const content = decode(readBytes(path), path).replace(/\r?\n$/, '');
  if (cleanSetting(content) === '') throw toFault(path, 'is empty');
  return content;
}

function readBytes(path: string): Buffer {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, a pipe that nobody writes to would keep the process from starting, without a word.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw toFault(path, 'is a directory');
    if (!stats.isFile()) throw toFault(path, 'is not a regular file');
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    let read = -1;
    while (read !== 0 && length < bytes.length) {
      read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
    }
    if (length > MAX_BYTES) throw toFault(path, `has more than ${MAX_BYTES} bytes`);
    return bytes.subarray(0, length);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    throw toFault(path, REASONS.get(code) ?? `cannot be read (${code})`, file === undefined);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A byte order mark is dropped. */
function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw toFault(path, 'is not UTF-8');
  }
}

/** A name that opens no file and does not look like a path may be the secret itself, in the wrong variable. */
function toFault(path: string, reason: string, isUnopened = false): Error {
  const isPath = /^(?:[./~]|[A-Za-z]:[\\/])/.test(path);
  const shown =
    isUnopened && !isPath
      ? 'its value, which is not shown because it may be the secret itself,'
      : quoteSetting(path.slice(0, MAX_SHOWN));
  return new Error(`the path of a file that has the secret, and ${shown} ${reason}`);
}
