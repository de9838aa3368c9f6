// The package for frontends beside each version of the clients that it takes, and in Jest: installed from its tarball as npm
// does it by default, which refuses peers that do not fit.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClientPackage, packClient } from '../support/client-package.ts';
import { runClient } from '../support/client-programs.ts';
import { createShelf } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The versions that the other tests use. */
const APOLLO = [`@apollo/client@${devDependencies['@apollo/client']}`, 'rxjs@7.8.2'];
const GRAPHCACHE = ['@urql/exchange-graphcache', '@urql/core'].map(
  (name) => `${name}@${devDependencies[name]}`,
);

let packed: ClientPackage | undefined;

beforeAll(async () => {
  packed = await packClient();
}, 120_000);

afterAll(() => packed?.[Symbol.dispose](), 120_000);

async function install(others: readonly string[], manifest = {}): Promise<string> {
  if (!packed) throw new Error('The package is not packed.');
  return packed.install(others, manifest);
}

test('the versions below are the bounds of the peers, and the newest of each', () => {
  const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'src/clients/package.json'), 'utf8'));
  expect(peerDependencies).toEqual({
    '@apollo/client': '^3.9.0 || ^4.0.0',
    '@urql/core': '^5.0.0 || ^6.0.0',
    '@urql/exchange-graphcache': '^7.0.0 || ^8.0.0 || ^9.0.0',
  });
});

test.each([
  ['apollo', ['@apollo/client@3.9.0']],
  ['apollo', ['@apollo/client@3.14.1']],
  ['apollo', ['@apollo/client@4.0.0', 'rxjs@7.8.2']],
  ['apollo', APOLLO],
  ['urql', ['@urql/exchange-graphcache@7.0.0', '@urql/core@5.0.0']],
  ['urql', ['@urql/exchange-graphcache@7.2.4', '@urql/core@5.2.0']],
  ['urql', ['@urql/exchange-graphcache@8.1.0', '@urql/core@6.0.0']],
  ['urql', ['@urql/exchange-graphcache@9.0.0', '@urql/core@6.0.3']],
  ['urql', GRAPHCACHE],
] as const)(
  '%s pages and deletes with %j, as ES modules and as CommonJS',
  async (client, others) => {
    const app = await install(others);
    for (const kind of ['esm', 'cjs'] as const) {
      const videos = createShelf(5);
      const ids = videos.map(({ videoId }) => videoId);
      await using gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
      const deleted = ids.slice(0, 3);

      const told = await runClient(app, client, kind, `${gateway.origin}/graphql`, deleted);

      expect(told.edges.toSorted(), kind).toEqual(ids.toSorted());
      expect(told.nodes, kind).toEqual(ids);
      expect(told.succeeded, kind).toBe(3);
      expect(told.removed.rows.map(({ id }) => id).toSorted(), kind).toEqual(deleted.toSorted());
      expect(told.live.rows.map(({ id }) => id).toSorted(), kind).toEqual(ids.slice(3).toSorted());
      expect([told.live.total, told.removed.total], kind).toEqual([2, 3]);
      if (client === 'apollo') expect({ ...told, kind }).toMatchObject({ optimistic: 3, areRaised: true });
      expect(ids.map((id) => gateway.sandbox.state(id))).toEqual(
        ids.map((_, index) => (index < 3 ? 'removed' : 'live')),
      );
    }
  },
  300_000,
);

test('Jest runs a test of it in CommonJS, with its default configuration', async () => {
  const app = await install(['jest@30.5.2', ...APOLLO, ...GRAPHCACHE]);
  writeFileSync(
    join(app, 'app.test.js'),
    `const { InMemoryCache } = require('@apollo/client');
     const { assumeRemoved, DeleteVideosDocument, retryLater } = require('apivideo-graphql-client');
     const { possibleTypes, typePolicies } = require('apivideo-graphql-client/apollo');
     const { keys } = require('apivideo-graphql-client/urql');
     test('the app', () => {
       const cache = new InMemoryCache({ possibleTypes, typePolicies });
       cache.writeQuery({ query: DeleteVideosDocument, dataId: 'ROOT_MUTATION', variables: { ids: ['a'] }, data: assumeRemoved(['a']) });
       expect(cache.extract()['Video:a'].removed).toBe(true);
       expect(retryLater([{ videoId: 'a', retryable: true }])).toEqual({ ids: ['a'], afterSeconds: 0 });
       expect(keys.PageInfo()).toBe(null);
     });`,
  );

  await run('npx', ['--no-install', 'jest', '--ci'], { cwd: app });
}, 300_000);

test.each([
  ['@apollo/client@3.9.0', '@urql/exchange-graphcache@7.0.0', '@urql/core@5.0.0'],
  ['@apollo/client@3.14.1', '@urql/exchange-graphcache@8.1.0', '@urql/core@6.0.0'],
  [...APOLLO, ...GRAPHCACHE],
])(
  'its types fit %s, %s and %s, for each way of resolving modules',
  async (...others) => {
    const app = await install(['typescript@5.9.3', ...others], { type: 'module' });
    writeFileSync(
      join(app, 'app.ts'),
      `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
     import { Client, fetchExchange } from '@urql/core';
     import { cacheExchange } from '@urql/exchange-graphcache';
     import { assumeRemoved, DeleteVideosDocument, retryLater } from 'apivideo-graphql-client';
     import { applyResults, possibleTypes, raiseCacheSizes, typePolicies, updateVideoLists } from 'apivideo-graphql-client/apollo';
     import { keys, optimistic, resolvers, schema, updates } from 'apivideo-graphql-client/urql';
     raiseCacheSizes();
     const url = 'http://127.0.0.1:4000/graphql';
     const cache = new InMemoryCache({ possibleTypes, typePolicies });
     const client = new ApolloClient({ link: new HttpLink({ uri: url }), cache });
     export const urql = new Client({
       url, preferGetMethod: false,
       exchanges: [cacheExchange({ keys, optimistic, resolvers, schema, updates }), fetchExchange],
     });
     export async function remove(ids: string[]): Promise<string[] | undefined> {
       const { data } = await client.mutate({
         mutation: DeleteVideosDocument, variables: { ids }, optimisticResponse: assumeRemoved(ids),
         update: updateVideoLists,
       });
       applyResults(cache, data?.deleteVideos?.results ?? []);
       // @ts-expect-error -- no result has such a field
       data?.deleteVideos?.results.map(({ video }) => video);
       return retryLater(data?.deleteVideos?.results)?.ids;
     }`,
    );
    const ways = [
      ['node10', 'commonjs'],
      ['node16', 'node16'],
      ['bundler', 'esnext'],
    ];
    for (const [moduleResolution, module] of ways) {
      const compilerOptions = {
        moduleResolution,
        module,
        target: 'es2022',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
      };
      const config = JSON.stringify({ compilerOptions, files: ['app.ts'] });
      writeFileSync(join(app, 'tsconfig.json'), config);
      await run(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: app });
    }
  },
  300_000,
);
