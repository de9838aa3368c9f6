// Puts the verbs of the store together over a database whose tables are up to date.
import type { Database } from './database.ts';
import { createKeptTargets } from './kept-targets.ts';
import { createLeases, freeLeases } from './leases.ts';
import { createLookups } from './lookups.ts';
import type { OperationStore } from './operation-store.ts';
import { createRecords } from './records.ts';
import { migrate } from './tables.ts';

/**
 * @param isAlone - whether no other process can use the database: then a lease in it belongs to one that has ended.
 * @throws {StoreError} if the tables cannot be brought up to date.
 */
export async function createStore(database: Database, isAlone = false): Promise<OperationStore> {
  await migrate(database);
  if (isAlone) await freeLeases(database);
  return {
    ...createRecords(database),
    ...createLookups(database),
    ...createLeases(database),
    ...createKeptTargets(database),
    close: () => database.close(),
  };
}
