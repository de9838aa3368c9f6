// What a gateway needs that runs operations: it leases them, claims items before it sends them, and settles them. A lease
// is a number, the epoch: whoever acquires an operation raises it, and nothing that names an older one has an effect.
import { type Database, type Query, readNumber, readWord } from './database.ts';
import { type ItemOutcome, isSuccess } from './operation.ts';
import type { HeldOperation, OperationStore } from './operation-store.ts';
import {
  OPERATION_COLUMNS,
  readCounts,
  readHeldOperation,
  readItem,
  readOperation,
  readOrphan,
  readOutcome,
  toEnd,
} from './rows.ts';

type Leases = Pick<
  OperationStore,
  'acquire' | 'renew' | 'release' | 'pending' | 'claim' | 'hasOrphans' | 'adopt' | 'settle' | 'finish'
>;

// `AND state < 2` beside `state = 1` changes nothing but that SQLite uses the index of the items that are not settled.
const ITEM_COLUMNS =
  'place, video, sent_from, claimed_at, seen, undoes_removed_at, undoes_sent_from, undoes_ended_by';

/** Ends all leases, so that nobody waits for those of a gateway that was killed. */
export async function freeLeases({ query }: Database): Promise<void> {
  await query('UPDATE operation SET lease_by = NULL, lease_until = NULL WHERE finished_at IS NULL');
}

export function createLeases(database: Database): Leases {
  const { now, list, objects, forUpdate, skipLocked } = database.dialect;

  const seqsOf = (placeholder: string) =>
    `SELECT CAST(value AS ${database.dialect.types.instant}) FROM ${list(placeholder)} AS given`;

  async function isUndo(query: Query, seq: number): Promise<boolean> {
    const [row] = await query(
      'SELECT CASE WHEN undo_of IS NULL THEN 0 ELSE 1 END AS is_undo FROM operation WHERE seq = $1',
      seq,
    );
    return row !== undefined && readNumber(row, 'is_undo') === 1;
  }

  return {
    acquire: ({ holder, target, secretId, leaseMs, most, except, before, onUnreadable }) =>
      database.transaction(async (query): Promise<readonly HeldOperation[]> => {
        const taken = await query(
          `UPDATE operation SET lease_by = $1, lease_until = ${now} + $2, epoch = epoch + 1,
            status = CASE WHEN status = 'queued' THEN 'running' ELSE status END
          WHERE seq IN (
            SELECT operation.seq FROM operation JOIN (
              SELECT seq, is_held, row_number() OVER (PARTITION BY project, owner ORDER BY is_held DESC, seq) AS turn
              FROM (
                SELECT seq, project, owner, CASE WHEN seq IN (${seqsOf('$5')}) THEN 1 ELSE 0 END AS is_held
                FROM operation
                WHERE finished_at IS NULL AND target = $3 AND (secret_id IS NULL OR secret_id = $4)
                  AND (lease_by IS NULL OR lease_by = $1 OR lease_until < ${now})
              ) AS free
            ) AS turns ON turns.seq = operation.seq
            WHERE is_held = 0 AND turn < $7
              AND finished_at IS NULL AND (lease_by IS NULL OR lease_by = $1 OR lease_until < ${now})
            ORDER BY turn, operation.seq LIMIT $6${skipLocked})
          RETURNING seq`,
          holder,
          leaseMs,
          target,
          secretId ?? null,
          JSON.stringify(except),
          most,
          before ?? Number.MAX_SAFE_INTEGER,
        );
        const rows = await query(
          `SELECT ${OPERATION_COLUMNS} FROM operation
          WHERE seq IN (${seqsOf('$1')})
          ORDER BY seq`,
          JSON.stringify(taken.map((row) => readNumber(row, 'seq'))),
        );
        return rows.flatMap((row) => {
          try {
            return [readHeldOperation(row)];
          } catch (error) {
            // The others must not wait for it.
            onUnreadable?.(readNumber(row, 'seq'), error);
            return [];
          }
        });
      }),

    async renew(holder, leaseMs) {
      const rows = await database.query(
        `UPDATE operation SET lease_until = ${now} + $2
        WHERE lease_by = $1 AND finished_at IS NULL RETURNING seq, epoch, status`,
        holder,
        leaseMs,
      );
      return rows.map((row) => ({
        seq: readNumber(row, 'seq'),
        epoch: readNumber(row, 'epoch'),
        status: readWord(row, 'status', ['queued', 'running', 'cancelled']),
      }));
    },

    async release(holder, seq) {
      const end = 'UPDATE operation SET lease_by = NULL, lease_until = NULL WHERE lease_by = $1';
      if (seq === undefined) await database.query(end, holder);
      else await database.query(`${end} AND seq = $2`, holder, seq);
    },

    async pending(seq, from, limit) {
      const undo = await isUndo(database.query, seq);
      const rows = await database.query(
        `SELECT ${ITEM_COLUMNS} FROM item WHERE operation = $1 AND state = 0 AND place >= $2
        ORDER BY place LIMIT $3`,
        seq,
        from,
        limit,
      );
      return rows.map((row) => readItem(row, undo));
    },

    claim: (seq, epoch, places, { sentFrom, seen, leaseMs }) =>
      database.transaction(async (query) => {
        // The lock on this row keeps cancel and acquire apart from the claim.
        const held = await query(
          `UPDATE operation SET lease_until = ${now} + $3
          WHERE seq = $1 AND epoch = $2 AND status = 'running' AND finished_at IS NULL RETURNING seq`,
          seq,
          epoch,
          leaseMs,
        );
        if (held.length === 0) return [];
        const rows = await query(
          // From the places to the items: without figures of the table, PostgreSQL would read all items that are open.
          `WITH given AS MATERIALIZED (
            SELECT CAST($1 AS ${database.dialect.types.instant}) AS of_operation, CAST(value AS integer) AS at FROM ${list('$4')} AS places)
          UPDATE item SET state = 1, epoch = $2, sent_from = coalesce(sent_from, $3), claimed_at = $3,
            seen = CASE WHEN place IN (SELECT CAST(value AS integer) FROM ${list('$5')} AS shown) THEN 1 ELSE seen END
          FROM given
          WHERE item.operation = given.of_operation AND item.place = given.at
            AND (item.state = 0 OR (item.state = 1 AND item.epoch = $2))
          RETURNING place`,
          seq,
          epoch,
          sentFrom,
          JSON.stringify(places),
          JSON.stringify(seen),
        );
        return rows.map((row) => readNumber(row, 'place'));
      }),

    async hasOrphans(seq, epoch) {
      const orphans = await database.query(
        'SELECT 1 AS one FROM item WHERE operation = $1 AND state = 1 AND state < 2 AND epoch < $2 LIMIT 1',
        seq,
        epoch,
      );
      return orphans.length > 0;
    },

    adopt: (seq, epoch, limit) =>
      database.transaction(async (query) => {
        const held = await query(
          `SELECT seq FROM operation WHERE seq = $1 AND epoch = $2 AND finished_at IS NULL${forUpdate}`,
          seq,
          epoch,
        );
        if (held.length === 0) return [];
        const undo = await isUndo(query, seq);
        const rows = await query(
          `UPDATE item SET epoch = $2 WHERE operation = $1 AND place IN (
            SELECT place FROM item WHERE operation = $1 AND state = 1 AND state < 2 AND epoch < $2 ORDER BY place LIMIT $3)
          RETURNING ${ITEM_COLUMNS}`,
          seq,
          epoch,
          limit,
        );
        return rows.map((row) => readOrphan(row, undo));
      }),

    settle: (seq, epoch, settled) =>
      database.transaction(async (query) => {
        const [held] = await query(
          `SELECT counts, settled FROM operation
          WHERE seq = $1 AND epoch = $2 AND finished_at IS NULL${forUpdate}`,
          seq,
          epoch,
        );
        if (!held) return false;
        const given = settled.map((item) => ({ ...item, failed: toFailed(item.outcome) }));
        const rows = await query(
          // SQLite would otherwise read the list once for each item of the operation.
          `WITH given AS MATERIALIZED (
            SELECT CAST($1 AS ${database.dialect.types.instant}) AS of_operation, CAST(value ->> 'place' AS integer) AS at,
              value ->> 'outcome' AS result, CAST(value ->> 'failed' AS integer) AS is_failed,
              CAST(value ->> 'removedAt' AS ${database.dialect.types.instant}) AS removed,
              CAST(value ->> 'deletesAt' AS ${database.dialect.types.instant}) AS deletes,
              CAST(value ->> 'endedBy' AS ${database.dialect.types.instant}) AS ended
            FROM ${objects('$3')} AS list)
          UPDATE item SET state = CASE WHEN given.result IS NULL THEN 0 ELSE 2 END, outcome = given.result,
            failed = given.is_failed, sent_from = CASE WHEN given.result IS NULL THEN NULL ELSE sent_from END,
            seen = CASE WHEN given.result IS NULL THEN 0 ELSE seen END,
            removed_at = given.removed, deletes_at = given.deletes, ended_by = given.ended
          FROM given
          WHERE item.operation = given.of_operation AND item.place = given.at
            AND (item.state = 0 OR (item.state = 1 AND item.epoch = $2))
          RETURNING outcome`,
          seq,
          epoch,
          JSON.stringify(given),
        );
        const outcomes = rows.filter((row) => row.outcome !== null).map((row) => readOutcome(row, 'outcome'));
        if (outcomes.length === 0) return true;
        await query(
          'UPDATE operation SET counts = $2, settled = $3 WHERE seq = $1',
          seq,
          JSON.stringify(addTo(readCounts(held), outcomes)),
          readNumber(held, 'settled') + outcomes.length,
        );
        return true;
      }),

    finish: (seq, epoch) =>
      database.transaction(async (query) => {
        const [finished] = await query(
          `UPDATE operation SET ${toEnd(now)}, status = CASE WHEN status = 'cancelled' THEN status ELSE 'completed' END
          WHERE seq = $1 AND epoch = $2 AND finished_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM item WHERE operation = $1 AND state = 1 AND state < 2)
            AND (status = 'cancelled' OR NOT EXISTS (SELECT 1 FROM item WHERE operation = $1 AND state = 0 AND state < 2))
          RETURNING seq`,
          seq,
          epoch,
        );
        if (!finished) return undefined;
        const [row] = await query(`SELECT ${OPERATION_COLUMNS} FROM operation WHERE seq = $1`, seq);
        return row && readOperation(row);
      }),
  };
}

function toFailed(outcome: ItemOutcome | null): 0 | 1 {
  return outcome === null || isSuccess(outcome) ? 0 : 1;
}

function addTo(counts: ReturnType<typeof readCounts>, outcomes: readonly ItemOutcome[]) {
  const sums = { ...counts };
  for (const outcome of outcomes) sums[outcome] = (sums[outcome] ?? 0) + 1;
  return sums;
}
