// What the store needs of a database. `sqlite.ts` and `postgres.ts` provide it; the statements are the same for both, but
// for the words of a `Dialect`.

/** Blobs arrive as bytes; instants and counts as numbers, or as text from PostgreSQL. */
export type Value = string | number | bigint | null | Uint8Array;
export type Row = Readonly<Record<string, Value>>;

/**
 * Runs one statement; its placeholders are $1, $2, and so on.
 *
 * @throws {StoreError} whatever failed: the statement may have taken effect if that was the connection.
 */
export type Query = (sql: string, ...values: readonly Value[]) => Promise<readonly Row[]>;

export type Database = {
  readonly dialect: Dialect;
  readonly query: Query;
  /**
   * Runs statements as one transaction: all of them take effect, or none.
   *
   * @throws {StoreError} also if the commit was not confirmed: then it may have taken effect.
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Resolves once nothing can be executed any more, without `close`; undefined if it recovers by itself. */
  readonly lost: Promise<StoreError> | undefined;
  close(): Promise<void>;
};

/** The words that differ. */
export type Dialect = {
  /** The current time in milliseconds since the epoch, not that of the transaction's start. */
  readonly now: string;
  /** The elements of a JSON list in a placeholder, as the columns `place`, from 0, and `value`: of texts and numbers. */
  readonly list: (placeholder: string) => string;
  /** The same of objects, whose fields are `value ->> 'name'`. */
  readonly objects: (placeholder: string) => string;
  /** Ends a SELECT whose rows nobody else may change until the transaction ends. */
  readonly forUpdate: string;
  /** The same of operations, leaving out rows that are locked. */
  readonly skipLocked: string;
  /** Follows a table that is read by this index. Empty where the database itself prefers the index to the primary key. */
  readonly by: (index: string) => string;
  /** A statement after which the transaction is alone with others that name the same text; undefined where it always is. */
  readonly alone: string | undefined;
  readonly types: {
    readonly serial: string;
    readonly instant: string;
    readonly bytes: string;
  };
  /** Ends the CREATE TABLE of a table of many small rows. */
  readonly tableOptions: string;
};

/** The code if neither SQLite nor PostgreSQL has answered: a connection or a thread has ended, or a time-out. */
export const UNANSWERED = 'UNANSWERED';

/** The store cannot be used, or what it holds is not what it should be. */
export class StoreError extends Error {
  override name = 'StoreError';
  /** Of SQLite a result code, of PostgreSQL or the system a text such as `28P01` or `ECONNREFUSED`. */
  readonly code: number | string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: number | string | undefined } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** @throws {StoreError} if the column holds something else. */
export function readText(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw unexpected(column, 'text', value);
  return value;
}

/** @throws {StoreError} as `readText`. */
export function readNumber(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number))
    throw unexpected(column, 'a whole number', value);
  return number;
}

/** @throws {StoreError} as `readText`. */
export function readBytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column, 'bytes', value);
  return value;
}

/** @throws {StoreError} as `read`. */
export function orNull<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | null {
  return row[column] === null ? null : read(row, column);
}

/** @throws {StoreError} if the column holds none of the words. */
export function readWord<W extends string>(row: Row, column: string, words: readonly W[]): W {
  const text = readText(row, column);
  const word = words.find((one) => one === text);
  if (word === undefined) throw unexpected(column, words.join(' or '), text);
  return word;
}

function unexpected(column: string, expected: string, value: unknown): StoreError {
  return new StoreError(`expected ${expected} in the column ${column}, and got ${typeof value}`);
}
