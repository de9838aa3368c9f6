// Reads a secret from a file, as Docker and Kubernetes mount them. No message has anything of the file's content.
import { cleanSetting, quoteSetting } from './clean-setting.ts';
import { FileError, readBoundedFile } from './read-bounded-file.ts';

const MAX_BYTES = 64 * 1024;
const MAX_SHOWN = 200;

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
  try {
    return readBoundedFile(path, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw toFault(path, error.message, error.isUnopened);
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
