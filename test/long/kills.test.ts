// The storm of kills of `test/operations/`, at length.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createFolder } from '../support/create-folder.ts';
import { stormOfKills } from '../support/kill-storm.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const LONG_MS = 20 * 60_000;

describe('2,000 videos and 20 kills', { concurrent: false }, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose](), 60_000);

  test('with one gateway, deletions go on within two seconds of each start', {
    timeout: LONG_MS,
  }, async () => {
    await using folder = await createFolder();
    const storm = { items: 2_000, kills: 20, gateways: 1, withinMs: 2_000 };
    await stormOfKills({ DATA_DIR: folder.path }, storm);
  });

  test('with two gateways, deletions go on within nine seconds of each kill', {
    timeout: LONG_MS,
  }, async () => {
    const storm = { items: 2_000, kills: 20, gateways: 2, withinMs: 9_000 };
    await stormOfKills({ DATABASE_URL: await server.createDatabase() }, storm);
  });
});
