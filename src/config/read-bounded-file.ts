// Reads a file that a setting names. Whatever its path leads to, the read ends at once and takes little memory: a pipe that
// nobody writes to would keep the process from starting, without a word.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read by this process'],
  ['EPERM', 'may not be read by this process'],
]);

/** Its message completes "the file …", and has nothing of the file or its path. */
export class FileError extends Error {
  override name = 'FileError';
  /** Whether the path leads to nothing that can be opened, so that it may be no path at all. */
  readonly isUnopened: boolean;

  constructor(reason: string, isUnopened = false) {
    super(reason);
    this.isUnopened = isUnopened;
  }
}

/** @throws {FileError} for what is no regular file, cannot be read, or has more bytes. */
export function readBoundedFile(path: string, maxBytes: number): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (stats.isDirectory()) throw new FileError('is a directory');
    if (!stats.isFile()) throw new FileError('is not a regular file');
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    let read = -1;
    while (read !== 0 && length < bytes.length) {
      read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
    }
    if (length > maxBytes) throw new FileError(`has more than ${maxBytes} bytes`);
    // A copy, so that a small file does not keep the memory of the largest.
    return Buffer.from(bytes.subarray(0, length));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    throw new FileError(REASONS.get(code) ?? `cannot be read (${code})`, file === undefined);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
