// The tables of the store, and the way from one version of them to the next.
import { type Database, type Dialect, type Query, readNumber, StoreError } from './database.ts';

/** The steps from nothing to the current tables: a store of version 1 has the first, and so on. Never change one: add one. */
const STEPS: readonly ((dialect: Dialect) => readonly string[])[] = [
  createTables,
  () => ['CREATE TABLE kept_target (name text PRIMARY KEY, target text NOT NULL)'],
];

function createTables({ types: { serial, instant, bytes }, tableOptions }: Dialect): readonly string[] {
  return [
    `CREATE TABLE operation (
      seq ${serial},
      id text NOT NULL UNIQUE,
      target text NOT NULL,
      project text NOT NULL,
      owner text NOT NULL,
      subject text NOT NULL,
      kind text NOT NULL,
      if_permanent text,
      idempotency_key text,
      fingerprint text NOT NULL,
      undo_of text,
      status text NOT NULL,
      total integer NOT NULL,
      counts text NOT NULL,
      settled integer NOT NULL,
      epoch integer NOT NULL,
      lease_by text,
      lease_until ${instant},
      secret_id text,
      credential ${bytes},
      credential_until ${instant},
      created_at ${instant} NOT NULL,
      finished_at ${instant}
    )`,
    `CREATE UNIQUE INDEX operation_key ON operation (target, project, owner, idempotency_key)
      WHERE idempotency_key IS NOT NULL`,
    'CREATE UNIQUE INDEX operation_undo ON operation (undo_of) WHERE finished_at IS NULL AND undo_of IS NOT NULL',
    'CREATE INDEX operation_of_owner ON operation (target, project, owner, seq)',
    'CREATE INDEX operation_of_project ON operation (target, project, seq)',
    'CREATE INDEX operation_unfinished ON operation (target, seq) WHERE finished_at IS NULL',
    'CREATE INDEX operation_finished ON operation (finished_at) WHERE finished_at IS NOT NULL',
    // state: 0 pending, 1 claimed, 2 settled.
    `CREATE TABLE item (
      operation ${instant} NOT NULL REFERENCES operation (seq) ON DELETE CASCADE,
      place integer NOT NULL,
      video text NOT NULL,
      state integer NOT NULL,
      epoch integer,
      sent_from ${instant},
      claimed_at ${instant},
      seen integer NOT NULL DEFAULT 0,
      ended_by ${instant},
      outcome text,
      failed integer NOT NULL,
      removed_at ${instant},
      deletes_at ${instant},
      undoes_removed_at ${instant},
      undoes_sent_from ${instant},
      undoes_ended_by ${instant},
      PRIMARY KEY (operation, place)
    )${tableOptions}`,
    'CREATE INDEX item_open ON item (operation, state, place) WHERE state < 2',
    'CREATE INDEX item_failed ON item (operation, place) WHERE failed = 1',
  ];
}

/**
 * Brings the tables up to date.
 *
 * @throws {StoreError} if a newer version of the gateway has made them.
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (query) => {
    await alone(query, database.dialect, 'migrate');
    await query('CREATE TABLE IF NOT EXISTS store_version (version integer NOT NULL)');
    const [row] = await query('SELECT version FROM store_version');
    const version = row ? readNumber(row, 'version') : 0;
    if (version > STEPS.length)
      throw new StoreError(
        `expected tables of version ${STEPS.length} or older, and found version ${version}: a newer gateway has used them`,
      );
    for (const step of STEPS.slice(version)) for (const sql of step(database.dialect)) await query(sql);
    await query(
      row ? 'UPDATE store_version SET version = $1' : 'INSERT INTO store_version (version) VALUES ($1)',
      STEPS.length,
    );
  });
}

/** Waits until no other transaction that names the same text goes on. */
export async function alone(query: Query, { alone: sql }: Dialect, text: string): Promise<void> {
  if (sql) await query(sql, text);
}
