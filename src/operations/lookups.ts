// Reads operations and their items. It changes nothing.
import { type Database, readNumber, readWord } from './database.ts';
import type { OperationStore } from './operation-store.ts';
import { OPERATION_COLUMNS, readOperation, readRemoval, readResult } from './rows.ts';
import { cut, inOrder } from './slices.ts';

/** An estimate of what is left of an operation counts this many others beside it. */
const BACKLOG = 1_000;

type Lookups = Pick<
  OperationStore,
  'removals' | 'find' | 'list' | 'count' | 'backlog' | 'hasUnfinished' | 'results' | 'depth'
>;

export function createLookups(database: Database): Lookups {
  const { list, by } = database.dialect;

  return {
    async removals(undoable, limit) {
      const rows = await database.query(
        `SELECT video, removed_at, sent_from, ended_by FROM item
        WHERE operation = (SELECT seq FROM operation WHERE id = $1) AND outcome = 'removed' ORDER BY place LIMIT $2`,
        undoable,
        limit,
      );
      return rows.map(readRemoval);
    },

    async find(ids) {
      const rows = await database.query(
        `SELECT ${OPERATION_COLUMNS} FROM operation WHERE id IN (SELECT value FROM ${list('$1')} AS given)`,
        JSON.stringify(ids),
      );
      return rows.map(readOperation);
    },

    async list({ target, project, owner }, unfinished, slice) {
      const { condition, order, values } = cut('operation.seq', slice, 'DESC', 4);
      const rows = await database.query(
        `SELECT ${OPERATION_COLUMNS} FROM operation
        WHERE ${toWhose(unfinished)} ${condition} ORDER BY operation.seq ${order} LIMIT $4`,
        target,
        project,
        owner ?? null,
        ...values,
      );
      return inOrder(rows.map(readOperation), slice);
    },

    async count({ target, project, owner }, unfinished) {
      const [row] = await database.query(
        `SELECT count(*) AS number FROM operation WHERE ${toWhose(unfinished)}`,
        target,
        project,
        owner ?? null,
      );
      return readNumber(row ?? {}, 'number');
    },

    async backlog({ target, project }) {
      const rows = await database.query(
        `SELECT seq, total - settled AS pending FROM operation
        WHERE target = $1 AND project = $2 AND finished_at IS NULL ORDER BY seq LIMIT $3`,
        target,
        project,
        BACKLOG,
      );
      return rows.map((row) => ({ seq: readNumber(row, 'seq'), pending: readNumber(row, 'pending') }));
    },

    async hasUnfinished() {
      const rows = await database.query('SELECT 1 AS one FROM operation WHERE finished_at IS NULL LIMIT 1');
      return rows.length > 0;
    },

    async results(seq, failedOnly, slice) {
      const { condition, order, values } = cut('item.place', slice, 'ASC', 2);
      const select = 'SELECT place, video, outcome, removed_at, deletes_at FROM item';
      const page = `${condition} ORDER BY item.place ${order} LIMIT $2`;
      const part = (index: string, which: string) =>
        `SELECT * FROM (${select} ${by(index)} WHERE operation = $1 AND ${which} ${page}) AS ${index}`;
      // What was never settled in a finished operation was not attempted.
      const isOpen = (state: number) =>
        `state < 2 AND state = ${state} AND EXISTS (SELECT 1 FROM operation WHERE seq = $1 AND finished_at IS NOT NULL)`;
      const failed = [
        part('item_failed', 'failed = 1'),
        part('item_open', isOpen(0)),
        part('item_open', isOpen(1)),
      ];
      const rows = await database.query(
        failedOnly
          ? `SELECT * FROM (${failed.join(' UNION ALL ')}) AS item ORDER BY item.place ${order} LIMIT $2`
          : `${select} WHERE operation = $1 ${page}`,
        seq,
        ...values,
      );
      return inOrder(rows.map(readResult), slice);
    },

    async depth(target, secretId) {
      const rows = await database.query(
        `SELECT CASE WHEN target = $1 THEN status ELSE 'foreign' END AS kind, count(*) AS operations,
          sum(total - settled) AS items, sum(CASE WHEN secret_id IS NOT NULL
            AND (CAST($2 AS text) IS NULL OR secret_id <> $2) THEN 1 ELSE 0 END) AS locked
        FROM operation WHERE finished_at IS NULL GROUP BY 1`,
        target,
        secretId ?? null,
      );
      const operations = { queued: 0, running: 0, cancelled: 0 };
      let [items, foreign, locked] = [0, 0, 0];
      for (const row of rows) {
        const kind = readWord(row, 'kind', ['queued', 'running', 'cancelled', 'foreign']);
        const count = readNumber(row, 'operations');
        if (kind === 'foreign') foreign = count;
        else {
          operations[kind] = count;
          items += readNumber(row, 'items');
          locked += readNumber(row, 'locked');
        }
      }
      return { operations, items, foreign, locked };
    },
  };
}

/** $1 is the target, $2 the project, $3 the owner or null. */
function toWhose(unfinished: boolean | undefined): string {
  const ended =
    unfinished === undefined ? '' : ` AND operation.finished_at IS ${unfinished ? 'NULL' : 'NOT NULL'}`;
  return `operation.target = $1 AND operation.project = $2
    AND (CAST($3 AS text) IS NULL OR operation.owner = $3)${ended}`;
}
