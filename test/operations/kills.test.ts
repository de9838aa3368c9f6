// Gateways that end at once, in the middle of an operation: each process is real, and so are the databases.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { stormOfKills } from '../support/kill-storm.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

describe('an operation whose gateways are killed', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  test('goes on after each restart, and deletes each video once', async () => {
    await using folder = await createFolder();
    const storm = { items: 150, kills: 4, gateways: 1, withinMs: 10_000 };
    await stormOfKills({ DATA_DIR: folder.path }, storm);
  });

  test('goes on with the other gateway, and deletes each video once', async () => {
    const storm = { items: 450, kills: 3, gateways: 2, withinMs: 15_000 };
    await stormOfKills({ DATABASE_URL: await server.createDatabase() }, storm);
  });
});
