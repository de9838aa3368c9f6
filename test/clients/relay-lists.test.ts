// Relay's runtime with the mutations and the updater of docs/clients.md: both lists and both totals, against upstream's own.
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import { expect, test } from 'vitest';
import { readExamples } from '../docs/read-documents.ts';
import { startOrderedGateway } from '../support/list-truth.ts';
import { run } from '../support/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const QUERIES = `
  query listLiveQuery($first: Int, $after: String) {
    videos(first: $first, after: $after) @connection(key: "list_videos", filters: []) {
      totalCount
      edges { node { id title removed } }
    }
  }
  query listRemovedQuery($first: Int, $after: String) {
    removedVideos(first: $first, after: $after, orderBy: { field: DELETES_AT, direction: DESC })
      @connection(key: "list_removedVideos", filters: []) {
      totalCount
      edges { node { id title removed } }
    }
  }`;

const readCode = (name: string) => readExamples().get(name)?.code ?? '';

async function compile(folder: string) {
  const operations = `${QUERIES}\n${readCode('relay-mutations')}`.split(/(?=^ *(?:query|mutation) )/m);
  const tags = operations.filter((each) => each.trim()).map((each) => `graphql\`${each}\`;`);
  mkdirSync(join(folder, 'src/generated'), { recursive: true });
  writeFileSync(join(folder, 'src/list.js'), tags.join('\n'));
  writeFileSync(
    join(folder, 'relay.config.json'),
    JSON.stringify({
      src: './src',
      schema: './schema.graphql',
      language: 'javascript',
      artifactDirectory: './src/generated',
    }),
  );
  symlinkSync(join(ROOT, 'schema.graphql'), join(folder, 'schema.graphql'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await run(join(ROOT, 'node_modules/.bin/relay-compiler'), ['relay.config.json'], { cwd: folder });
  writeFileSync(join(folder, 'totals.mjs'), readCode('relay-totals'));
  const { connections, followTotals } = await import(pathToFileURL(join(folder, 'totals.mjs')).href);
  const require = createRequire(join(folder, 'package.json'));
  return { connections, followTotals, read: (name: string) => require(`./src/generated/${name}.graphql.js`) };
}

test('rows and totals of both lists follow deletions, an undo and a video that is gone', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'relay-'));
  const { connections, followTotals, read } = await compile(folder.path);
  await using started = await startOrderedGateway(75);
  const { ids, origin, truth, sandbox } = started;
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ text }, variables) => {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    }),
  });
  const load = (name: string, after?: string) =>
    fetchQuery(environment, read(name), { first: 25, after }, { fetchPolicy: 'network-only' }).toPromise();
  const commit = (name: string, given: readonly string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    commitMutation(environment, {
      mutation: read(name),
      variables: { ids: given, ...connections },
      updater: followTotals,
      onCompleted: () => resolve(),
      onError: reject,
    });
    return promise;
  };
  const check = (name: string) =>
    environment.check(createOperationDescriptor(getRequest(read(name)), { first: 25 })).status;
  const show = (list: 'live' | 'removed') => {
    const source = environment.getStore().getSource();
    const resolve = (id: unknown) => Object(source.get(String(id)));
    const connection = resolve(connections[list][0]);
    const edges: readonly string[] = connection.edges.__refs.filter((id: unknown) => id);
    const rows = edges.map((id) => String(resolve(id).node.__ref));
    const { endCursor } = resolve(connection.pageInfo.__ref);
    return { rows, total: connection.totalCount, endCursor };
  };

  await load('listLiveQuery');
  await load('listLiveQuery', show('live').endCursor);
  await load('listRemovedQuery');
  expect(show('live')).toMatchObject({ rows: ids.slice(0, 50), total: 75 });

  await commit('listDeleteMutation', ids.slice(0, 50));
  expect(show('live')).toMatchObject({ rows: [], total: truth('videos').total });
  expect(show('removed').rows.toSorted()).toEqual(ids.slice(0, 50).toSorted());
  expect(show('removed').total).toBe(50);

  await commit('listRestoreMutation', ids.slice(40, 50));
  expect(check('listLiveQuery')).toBe('available');
  // Already live: whether the total counted it is unknown, so the list is read again when it is next shown.
  await commit('listRestoreMutation', ids.slice(40, 41));
  expect(check('listLiveQuery')).toBe('stale');
  expect(show('live').rows.toSorted()).toEqual(ids.slice(40, 50).toSorted());
  expect(show('live').total).toBe(truth('videos').total);
  expect(show('removed').rows.toSorted()).toEqual(truth('removedVideos').ids.toSorted());
  expect(show('removed').total).toBe(40);

  await load('listLiveQuery', show('live').endCursor);
  expect(show('live').rows.toSorted()).toEqual(truth('videos').ids.toSorted());

  sandbox.destroy(ids[60] ?? '');
  sandbox.videoRestore = false;
  await commit('listDeleteMutation', [ids[60] ?? '', ids[61] ?? '', 'viNowhere']);
  expect(show('live').rows.toSorted()).toEqual(truth('videos').ids.toSorted());
  expect(show('live').total).toBe(truth('videos').total);
  expect(show('removed').total).toBe(40);
});
