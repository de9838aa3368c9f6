// The database of several gateways: PostgreSQL, in a schema of its own.
import pg from 'pg';
import { type Database, type Dialect, type Query, StoreError, UNANSWERED } from './database.ts';
import { alone } from './tables.ts';

/** No clash with tables of the user. */
const SCHEMA = 'apivideo_gateway';
const CONNECTIONS = 4;
/** The driver itself waits for ever. */
const CONNECT_MS = 3_000;
const STATEMENT_MS = 5_000;

const DIALECT: Dialect = {
  now: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
  list: (placeholder) =>
    `(SELECT ordinality - 1 AS place, value
    FROM json_array_elements_text(CAST(${placeholder} AS json)) WITH ORDINALITY)`,
  objects: (placeholder) =>
    `(SELECT ordinality - 1 AS place, value
    FROM json_array_elements(CAST(${placeholder} AS json)) WITH ORDINALITY)`,
  forUpdate: ' FOR UPDATE',
  skipLocked: ' FOR UPDATE OF operation SKIP LOCKED',
  by: () => '',
  alone: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
  types: { serial: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY', instant: 'bigint', bytes: 'bytea' },
  tableOptions: ' WITH (fillfactor = 70)',
};

/**
 * Connects to a server.
 *
 * @param url - `postgres://…`, a secret.
 * @throws {StoreError} if that fails.
 */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: toConnectionString(url),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    keepAlive: true,
    application_name: 'apivideo-graphql',
  });
  // An idle connection that is lost is replaced when one is needed.
  pool.on('error', () => {});
  const database: Database = {
    dialect: DIALECT,
    // The pool makes new connections.
    lost: undefined,
    query: (sql, ...values) => orStoreError(async () => (await pool.query(sql, [...values])).rows),
    async transaction(work) {
      const client = await orStoreError(() => pool.connect());
      let isBroken = true;
      // Else a connection that breaks between two statements ends the process.
      const onError = () => {};
      client.on('error', onError);
      const query: Query = (sql, ...values) =>
        orStoreError(async () => (await client.query(sql, [...values])).rows);
      try {
        await query('BEGIN');
        const result = await work(query);
        await query('COMMIT');
        isBroken = false;
        return result;
      } catch (error) {
        isBroken = !(await query('ROLLBACK').then(
          () => true,
          () => false,
        ));
        throw error;
      } finally {
        client.off('error', onError);
        client.release(isBroken);
      }
    },
    close: () => pool.end(),
  };
  try {
    await database.transaction(async (query) => {
      // Two that make it at the same moment would fail, for all of IF NOT EXISTS.
      await alone(query, DIALECT, 'schema');
      // Whoever may not make one can be given it.
      const schemas = await query('SELECT 1 AS one FROM pg_namespace WHERE nspname = $1', SCHEMA);
      if (schemas.length === 0) await query(`CREATE SCHEMA ${SCHEMA}`);
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return database;
}

/** The driver lets what the URL says win over what the gateway sets: a time-out of 0, or a schema of the user's tables. */
function toConnectionString(text: string): string {
  const url = new URL(text);
  for (const name of ['statement_timeout', 'query_timeout', 'idle_in_transaction_session_timeout'])
    url.searchParams.delete(name);
  const options = [url.searchParams.get('options'), `-c search_path=${SCHEMA}`].filter(Boolean);
  url.searchParams.set('options', options.join(' '));
  return url.href;
}

async function orStoreError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new StoreError(toText(cause), { cause, code: toCode(cause) ?? UNANSWERED });
  }
}

/** Of several addresses that all fail, the error itself has no message. */
function toText(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(toText).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function toCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
