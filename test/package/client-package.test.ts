// The package for frontends from outside: what it has, what an app gains by it, and that each kind of module finds it.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, Kind, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as documents from '../../src/clients/index.ts';
import { type ClientPackage, packClient } from '../support/client-package.ts';
import { runClient } from '../support/client-programs.ts';
import { createShelf } from '../support/create-videos.ts';
import { typeCheckIn } from '../support/installed-package.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const SUBPATHS = ['', '/apollo', '/urql'];

let packed: ClientPackage | undefined;
let app = '';
let appWithClients = '';

beforeAll(async () => {
  packed = await packClient();
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const clients = ['@apollo/client', '@urql/core', '@urql/exchange-graphcache'];
  app = await packed.install([]);
  appWithClients = await packed.install(clients.map((name) => `${name}@${devDependencies[name]}`));
}, 300_000);

afterAll(() => packed?.[Symbol.dispose]());

/** The folders below node_modules that are packages, those in scopes included. */
function listPackages(folder: string): readonly string[] {
  const modules = join(folder, 'node_modules');
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
    );
}

const measureFolder = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => statSync(join(folder, path)))
    .reduce((total, entry) => total + (entry.isFile() ? entry.size : 0), 0);

test('brings an app three packages at most, none of them of the server', () => {
  expect(new Set(listPackages(app))).toEqual(
    new Set(['@graphql-typed-document-node/core', 'apivideo-graphql-client', 'graphql']),
  );
  expect(statSync(packed?.tarball ?? '').size).toBeLessThan(64 * 1024);
  expect(measureFolder(join(app, 'node_modules/apivideo-graphql-client'))).toBeLessThan(560 * 1024);
});

test('has its compiled code, types, schema and licence, and no sources', () => {
  const files = readdirSync(join(app, 'node_modules/apivideo-graphql-client'), {
    recursive: true,
    encoding: 'utf8',
  });
  expect(files.filter((path) => !path.includes('/')).toSorted()).toEqual([
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
    'schema.graphql',
  ]);
  expect(files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
});

test('passes publint, and its types resolve for each way of resolving modules', async () => {
  await run(join(BIN, 'publint'), ['run', packed?.tarball ?? '', '--strict'], { cwd: app });
  const args = [packed?.tarball ?? '', '--exclude-entrypoints', './schema.graphql'];
  await run(join(BIN, 'attw'), args, { cwd: app });
}, 60_000);

test('is an ES module and CommonJS, and both have the same names', async () => {
  const specifiers = JSON.stringify(SUBPATHS.map((subpath) => `apivideo-graphql-client${subpath}`));
  const tell = 'console.log(JSON.stringify(modules.map((each) => Object.keys(each).sort())))';
  writeFileSync(
    join(appWithClients, 'names.mjs'),
    `const modules = await Promise.all(${specifiers}.map((name) => import(name))); ${tell}`,
  );
  writeFileSync(
    join(appWithClients, 'names.cjs'),
    `const modules = ${specifiers}.map((name) => require(name)); ${tell}`,
  );

  const [fromModule, fromCommonJs] = await Promise.all(
    ['names.mjs', 'names.cjs'].map(async (file) =>
      JSON.parse(await run(process.execPath, [file], { cwd: appWithClients })),
    ),
  );

  expect(fromModule[0]).toEqual(
    expect.arrayContaining(['DeleteVideosDocument', 'assumeRemoved', 'retryLater']),
  );
  expect(fromModule[1]).toEqual(expect.arrayContaining(['possibleTypes', 'raiseCacheSizes', 'typePolicies']));
  expect(fromModule[2]).toEqual(expect.arrayContaining(['keys', 'resolvers', 'schema']));
  expect(fromCommonJs).toEqual(fromModule);
});

test('needs no client for the documents, which are right by the schema that it ships', async () => {
  const code = `const client = require('apivideo-graphql-client');
    const schema = require('node:fs').readFileSync(require.resolve('apivideo-graphql-client/schema.graphql'), 'utf8');
    console.log(JSON.stringify({ client, schema }));`;

  const { client, schema } = JSON.parse(await run(process.execPath, ['-e', code], { cwd: app }));

  expect(schema).toBe(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));
  const operations = Object.values(documents).filter(
    (each) =>
      typeof each === 'object' &&
      each.definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION),
  );
  expect(operations).toHaveLength(15);
  for (const [name, document] of Object.entries(documents)) {
    if (typeof document !== 'object') continue;
    // Without what a client of another test may have noted in it.
    const { kind, definitions } = document;
    expect(client[name], name).toEqual(JSON.parse(JSON.stringify({ kind, definitions })));
    const isOperation = operations.includes(document);
    if (isOperation) expect(validate(buildSchema(schema), document), name).toEqual([]);
  }
});

test.each(['apollo', 'urql'] as const)('%s pages and deletes with it', async (client) => {
  const videos = createShelf(5);
  const ids = videos.map(({ videoId }) => videoId);
  await using gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const deleted = ids.slice(0, 2);

  const told = await runClient(appWithClients, client, 'esm', `${gateway.origin}/graphql`, deleted);

  expect(told).toMatchObject({ nodes: ids, succeeded: 2 });
  expect(told.edges.toSorted()).toEqual(ids.toSorted());
  expect(told.removed.rows.map(({ id }) => id)).toEqual(deleted);
  expect(told.live.rows.map(({ id }) => id)).toEqual(ids.slice(2));
  expect([told.live.total, told.removed.total]).toEqual([3, 2]);
  expect(deleted.map((id) => gateway.sandbox.state(id))).toEqual(['removed', 'removed']);
});

test('has the types that the clients expect, and operations know theirs', async () => {
  writeFileSync(
    join(appWithClients, 'clients.mts'),
    `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
     import { Client, fetchExchange } from '@urql/core';
     import { cacheExchange } from '@urql/exchange-graphcache';
     import { possibleTypes, raiseCacheSizes, typePolicies } from 'apivideo-graphql-client/apollo';
     import {
       assumeRemoved, assumeRestored, DeleteVideosDocument, RestoreVideosDocument, retryLater, VideosDocument,
     } from 'apivideo-graphql-client';
     import { keys, resolvers, schema } from 'apivideo-graphql-client/urql';
     const url = 'http://127.0.0.1:4000/graphql';
     raiseCacheSizes(20_000);
     const apollo = new ApolloClient({
       link: new HttpLink({ uri: url }),
       cache: new InMemoryCache({ possibleTypes, typePolicies }),
     });
     const urql = new Client({ url, exchanges: [cacheExchange({ keys, resolvers, schema }), fetchExchange] });
     const ids = ['a'];
     const { data } = await apollo.mutate({
       mutation: DeleteVideosDocument, variables: { ids }, optimisticResponse: assumeRemoved(ids),
     });
     export const succeeded: number | undefined = data?.deleteVideos?.summary.succeeded;
     const restore = await apollo.mutate({
       mutation: RestoreVideosDocument, variables: { ids, readable: false },
       optimisticResponse: (variables) => assumeRestored(variables.ids),
     });
     const retry = retryLater(restore.data?.restoreVideos?.results);
     export const again: string[] = retry?.ids ?? [];
     export const seconds: number | undefined = retry?.afterSeconds;
     // @ts-expect-error -- this is the answer to a restore
     await apollo.mutate({ mutation: DeleteVideosDocument, variables: { ids }, optimisticResponse: assumeRestored(ids) });
     const list = await urql.query(VideosDocument, { first: 1 }).toPromise();
     export const listed: string[] | undefined = list.data?.videos?.edges.map(({ node }) => node.id);
     // @ts-expect-error -- a video has no such field
     export const titles = list.data?.videos?.edges.map(({ node }) => node.titel);
     // @ts-expect-error -- a deletion is of ids
     await apollo.mutate({ mutation: DeleteVideosDocument, variables: { id: 'a' } });
     // @ts-expect-error -- a page has a number
     await urql.query(VideosDocument, { first: 'one' }).toPromise();
    `,
  );

  await typeCheckIn(appWithClients, 'clients.mts');
});
