import { openPostgres } from '../../src/operations/postgres.ts';
import { startPostgres } from '../support/postgres.ts';
import { describeStore } from './store-conformance.ts';

describeStore('the store in PostgreSQL', async () => {
  const server = await startPostgres();
  return {
    open: async () => openPostgres(await server.createDatabase()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});
