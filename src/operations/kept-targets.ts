// Keeps which target each key of a gateway belongs to: one row for each key that a gateway ever had.
import { type Database, readText } from './database.ts';
import type { OperationStore } from './operation-store.ts';

export function createKeptTargets(database: Database): Pick<OperationStore, 'keptTarget' | 'keepTarget'> {
  return {
    async keptTarget(name) {
      const [row] = await database.query('SELECT target FROM kept_target WHERE name = $1', name);
      return row && readText(row, 'target');
    },

    async keepTarget(name, target) {
      await database.query(
        `INSERT INTO kept_target (name, target) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET target = excluded.target`,
        name,
        target,
      );
    },
  };
}
