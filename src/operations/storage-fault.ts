// Says why a store cannot be used: in words for any caller, without paths, addresses or what the database itself wrote.
import { StoreError, UNANSWERED } from './database.ts';
import { StorageUnavailableError } from './storage.ts';

const IN_USE = 'another process uses the folder of operations';
const NOT_WRITABLE = 'the folder of operations cannot be written';
const NO_FOLDER = 'the path of the folder of operations leads to something else';
const NO_ROOM = 'there is no room for operations on the disk';
const DAMAGED = 'the file of operations is damaged';
const NOT_REACHED = 'the database of operations cannot be reached';
const REFUSED = 'the database of operations refuses the gateway';

/** Codes of SQLite, of the system, and of PostgreSQL. */
const REASONS = new Map<number | string, string>([
  // SQLite: PERM, BUSY, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, AUTH, NOTADB.
  [3, NOT_WRITABLE],
  [5, IN_USE],
  [7, 'there is no memory for the store of operations'],
  [8, NOT_WRITABLE],
  [10, 'the disk of operations fails'],
  [11, DAMAGED],
  [13, NO_ROOM],
  [14, NOT_WRITABLE],
  [23, NOT_WRITABLE],
  [26, DAMAGED],
  [UNANSWERED, 'the database of operations does not answer'],
  ['EACCES', NOT_WRITABLE],
  ['EPERM', NOT_WRITABLE],
  ['EROFS', NOT_WRITABLE],
  ['ENOENT', NOT_WRITABLE],
  ['ENOTDIR', NO_FOLDER],
  ['EEXIST', NO_FOLDER],
  ['EISDIR', NO_FOLDER],
  ['ENOSPC', NO_ROOM],
  ['EDQUOT', NO_ROOM],
  ['3D000', 'the database of operations does not exist'],
  ['42501', 'the user of the database of operations may not create or use its tables'],
  ['25006', 'the database of operations cannot be written'],
]);

/** The first two signs of a code of PostgreSQL: its class. */
const CLASSES = new Map<string, string>([
  ['08', NOT_REACHED],
  ['28', REFUSED],
  ['53', 'the database of operations has no room or no connections left'],
  ['57', 'the database of operations is stopping, starting, or too slow'],
  ['58', 'the disk of the database of operations fails'],
  ['XX', 'the database of operations is damaged'],
]);

/** @returns undefined if the store works, and only the statement was wrong. */
function findReason(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return REASONS.get(code);
  if (typeof code !== 'string') return undefined;
  const isPostgres = /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]/.test(code);
  return REASONS.get(code) ?? (isPostgres ? CLASSES.get(code.slice(0, 2)) : NOT_REACHED);
}

/** @returns undefined if the error of a statement is no outage. */
export function toOutage(cause: unknown): StorageUnavailableError | undefined {
  const reason = cause instanceof StoreError ? findReason(cause) : undefined;
  return reason === undefined ? undefined : new StorageUnavailableError(reason, { cause });
}

/** Why it could not be opened. */
export function toUnopened(cause: unknown): StorageUnavailableError {
  if (cause instanceof StorageUnavailableError) return cause;
  // Without a code, it is the gateway itself that refuses the database.
  const own = cause instanceof StoreError && cause.code === undefined ? cause.message : undefined;
  const reason = findReason(cause) ?? own ?? 'the store of operations cannot be used';
  return new StorageUnavailableError(reason, { cause });
}
