// Creates, cancels and forgets operations in the store. `lookups.ts` reads them, and `leases.ts` has what a gateway needs
// that runs them.
import { type Database, type Query, readNumber, readText } from './database.ts';
import { isUndoable, type Operation } from './operation.ts';
import type { Created, NewOperation, OperationStore } from './operation-store.ts';
import { OPERATION_COLUMNS, readOperation, toEnd, toKeptId } from './rows.ts';
import { alone } from './tables.ts';

/** How long after its end an operation answers calls with its key, and how long it is kept: as long as it can be undone. */
const KEY_KEPT_MS = 24 * 60 * 60_000;
const OPERATION_KEPT_MS = 90 * KEY_KEPT_MS;
/** How many items one statement inserts: fewer than take PostgreSQL a tenth of a second. */
const ITEMS_AT_ONCE = 10_000;
/** How many items one transaction forgets: what waits for it waits less than a tenth of a second. */
const FORGOTTEN_AT_ONCE = 10_000;

type Records = Pick<OperationStore, 'create' | 'createUndo' | 'cancel' | 'sweep'>;

export function createRecords(database: Database): Records {
  const { now, list, forUpdate } = database.dialect;

  /** Inserts the row of an operation, unless its key, its owner's limit, or what it undoes is against it. */
  async function insert(
    query: Query,
    operation: NewOperation,
    total: number,
    undone: Operation | null,
  ): Promise<Created | { readonly seq: number }> {
    const { target, project, owner, idempotencyKey, credential } = operation;
    await alone(query, database.dialect, JSON.stringify([target, project, owner]));
    if (idempotencyKey !== null) {
      const [row] = await query(
        `SELECT ${OPERATION_COLUMNS}, operation.fingerprint,
          CASE WHEN operation.finished_at < ${now} - $5 THEN 1 ELSE 0 END AS is_old
        FROM operation WHERE target = $1 AND project = $2 AND owner = $3 AND idempotency_key = $4`,
        target,
        project,
        owner,
        idempotencyKey,
        KEY_KEPT_MS,
      );
      if (row && readNumber(row, 'is_old') === 0)
        return readText(row, 'fingerprint') === operation.fingerprint
          ? { kind: 'same', operation: readOperation(row) }
          : { kind: 'keyReused' };
      if (row)
        await query('UPDATE operation SET idempotency_key = NULL WHERE seq = $1', readNumber(row, 'seq'));
    }
    // After the key: a call with that of an earlier undo gets that one.
    if (undone && !isUndoable(undone)) return { kind: 'notUndoable' };
    const [open] = await query(
      `SELECT count(*) AS open FROM operation
      WHERE target = $1 AND project = $2 AND owner = $3 AND finished_at IS NULL`,
      target,
      project,
      owner,
    );
    if (open && readNumber(open, 'open') >= operation.mostOpen) return { kind: 'tooMany' };
    const [row] = await query(
      `INSERT INTO operation (id, target, project, owner, subject, kind, if_permanent, idempotency_key, fingerprint,
        undo_of, status, total, counts, settled, epoch, secret_id, credential, credential_until, created_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, '{}', 0, 0, $12, $13, $14, ${now}) RETURNING seq`,
      operation.id,
      target,
      project,
      owner,
      operation.subject,
      operation.kind,
      operation.ifPermanent,
      idempotencyKey,
      operation.fingerprint,
      undone?.id ?? null,
      total,
      credential?.secretId ?? null,
      credential?.bytes ?? null,
      credential?.until ?? null,
    );
    return { seq: readNumber(row ?? {}, 'seq') };
  }

  async function readBack(query: Query, seq: number): Promise<Created> {
    const [row] = await query(`SELECT ${OPERATION_COLUMNS} FROM operation WHERE seq = $1`, seq);
    return { kind: 'created', operation: readOperation(row ?? {}) };
  }

  return {
    create: (operation, videoIds, invalid) =>
      database.transaction(async (query) => {
        const inserted = await insert(query, operation, videoIds.length, null);
        if ('kind' in inserted) return inserted;
        const { seq } = inserted;
        for (let from = 0; from < videoIds.length; from += ITEMS_AT_ONCE)
          await query(
            `INSERT INTO item (operation, place, video, state, failed)
            SELECT $1, $2 + ids.place, ids.video, 0, 0
            FROM (SELECT place, value AS video FROM ${list('$3')} AS given) AS ids`,
            seq,
            from,
            JSON.stringify(videoIds.slice(from, from + ITEMS_AT_ONCE).map(toKeptId)),
          );
        const places = videoIds.flatMap((id, place) => (invalid.has(id) ? [place] : []));
        if (places.length > 0) {
          await query(
            `UPDATE item SET state = 2, outcome = 'INVALID_ID', failed = 1
            WHERE operation = $1 AND place IN (SELECT CAST(value AS integer) FROM ${list('$2')} AS given)`,
            seq,
            JSON.stringify(places),
          );
          const counts = JSON.stringify({ INVALID_ID: places.length });
          await query(
            'UPDATE operation SET counts = $2, settled = $3 WHERE seq = $1',
            seq,
            counts,
            places.length,
          );
        }
        // There is nothing to do that could wait for a turn.
        if (places.length === videoIds.length)
          await query(`UPDATE operation SET ${toEnd(now)}, status = 'completed' WHERE seq = $1`, seq);
        return readBack(query, seq);
      }),

    createUndo: (operation, undoOf) =>
      database.transaction(async (query) => {
        const { target, project, owner } = operation;
        // The same order of locks as anywhere else: the owner's first.
        await alone(query, database.dialect, JSON.stringify([target, project, owner]));
        // The lock keeps a second undo away. What it waited for shows only in the next statement.
        await query(`SELECT seq FROM operation WHERE id = $1${forUpdate}`, undoOf);
        const [row] = await query(`SELECT ${OPERATION_COLUMNS} FROM operation WHERE id = $1`, undoOf);
        if (!row) return { kind: 'notFound' };
        const undone = readOperation(row);
        const inserted = await insert(query, operation, undone.counts.removed ?? 0, undone);
        if ('kind' in inserted) return inserted;
        const { seq } = inserted;
        await query(
          `INSERT INTO item (operation, place, video, state, failed, undoes_removed_at, undoes_sent_from,
            undoes_ended_by)
          SELECT $1, row_number() OVER (ORDER BY place) - 1, video, 0, 0, removed_at, sent_from, ended_by
          FROM item WHERE operation = $2 AND outcome = 'removed'`,
          seq,
          undone.seq,
        );
        return readBack(query, seq);
      }),

    cancel: (id) =>
      database.transaction(async (query) => {
        // The claim locks this row too, so nothing is claimed after the answer.
        const [found] = await query(
          `SELECT seq, status FROM operation WHERE id = $1 AND finished_at IS NULL${forUpdate}`,
          id,
        );
        if (!found) return undefined;
        const seq = readNumber(found, 'seq');
        await query("UPDATE operation SET status = 'cancelled' WHERE seq = $1", seq);
        await query(
          `UPDATE operation SET ${toEnd(now)} WHERE seq = $1 AND NOT EXISTS (
            SELECT 1 FROM item WHERE operation = $1 AND state = 1 AND state < 2)`,
          seq,
        );
        const [row] = await query(`SELECT ${OPERATION_COLUMNS} FROM operation WHERE seq = $1`, seq);
        return { ...readOperation(row ?? {}), isNews: readText(found, 'status') !== 'cancelled' };
      }),

    sweep: () =>
      database.transaction(async (query) => {
        const [old] = await query(
          `SELECT seq FROM operation WHERE finished_at < ${now} - $1 ORDER BY finished_at LIMIT 1${forUpdate}`,
          OPERATION_KEPT_MS,
        );
        if (!old) return false;
        const seq = readNumber(old, 'seq');
        const items = await query(
          `DELETE FROM item WHERE operation = $1 AND place IN (
            SELECT place FROM item WHERE operation = $1 ORDER BY place LIMIT $2) RETURNING 1 AS one`,
          seq,
          FORGOTTEN_AT_ONCE,
        );
        if (items.length < FORGOTTEN_AT_ONCE) await query('DELETE FROM operation WHERE seq = $1', seq);
        return true;
      }),
  };
}
