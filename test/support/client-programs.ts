// Programs of an app with the package for frontends: each pages through lists, deletes, and prints what its cache then has. They
// run on every version of Apollo Client and Graphcache that the package takes, as ES modules and as CommonJS.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { run } from './run-command.ts';

const MODULES = {
  apollo: {
    // Without React, which the main entry of Apollo Client 3 needs. Node.js finds folders in CommonJS only.
    '@apollo/client/core': ['ApolloClient', 'HttpLink', 'InMemoryCache', 'gql'],
    '@apollo/client/utilities': ['cacheSizes'],
    'apivideo-graphql-client': [
      'assumeRemoved',
      'DeleteVideosDocument',
      'RemovedVideosDocument',
      'VideosDocument',
    ],
    'apivideo-graphql-client/apollo': [
      'possibleTypes',
      'raiseCacheSizes',
      'typePolicies',
      'updateVideoLists',
    ],
  },
  urql: {
    '@urql/core': ['Client', 'fetchExchange', 'gql'],
    '@urql/exchange-graphcache': ['cacheExchange'],
    'apivideo-graphql-client': ['DeleteVideosDocument', 'RemovedVideosDocument', 'VideosDocument'],
    'apivideo-graphql-client/urql': ['keys', 'resolvers', 'schema', 'updates'],
  },
};

const NODES = `query ($after: String) {
  videos(first: 2, after: $after, orderBy: { field: TITLE, direction: ASC }) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}`;

const BODIES = {
  apollo: `
    const sizes = { ...cacheSizes };
    raiseCacheSizes(100_000);
    let optimistic = 0;
    const send = (uri, init) => {
      if (init.body.includes('mutation')) optimistic = readRemoved(true).edges.length;
      return fetch(uri, init);
    };
    const client = new ApolloClient({
      link: new HttpLink({ uri: url, fetch: send }),
      cache: new InMemoryCache({ possibleTypes, typePolicies }),
    });
    const variables = { first: 2 };
    const read = (query) => client.cache.readQuery({ query, variables }).videos;
    const readRemoved = (isOptimistic) =>
      client.cache.readQuery({ query: RemovedVideosDocument, variables }, isOptimistic).removedVideos;
    const readAll = async (query) => {
      const watched = client.watchQuery({ query, variables });
      const subscription = watched.subscribe(() => {});
      let { data } = await client.query({ query, variables });
      while (data.videos.pageInfo.hasNextPage) {
        ({ data } = await watched.fetchMore({ variables: { after: data.videos.pageInfo.endCursor } }));
      }
      subscription.unsubscribe();
      return read(query);
    };
    const edges = (await readAll(VideosDocument)).edges.map(({ node }) => node.id);
    const nodes = (await readAll(gql(nodesQuery))).nodes.map(({ id }) => id);
    await client.query({ query: RemovedVideosDocument, variables });
    const deletion = await client.mutate({
      mutation: DeleteVideosDocument, variables: { ids }, optimisticResponse: assumeRemoved(ids),
      update: updateVideoLists,
    });
    const succeeded = deletion.data.deleteVideos.summary.succeeded;
    const areRaised = Object.keys(cacheSizes).length > Object.keys(sizes).length;
    print({ edges, nodes, optimistic, succeeded, live: toRows(read(VideosDocument)), removed: toRows(readRemoved()), areRaised });
    client.stop();`,
  urql: `
    const client = new Client({
      url, preferGetMethod: false, exchanges: [cacheExchange({ keys, resolvers, schema, updates }), fetchExchange],
    });
    const readAll = async (query, first) => {
      for (let after; ; ) {
        const { data, error } = await client.query(query, { ...first, after }).toPromise();
        if (error) throw error;
        if (!data.videos.pageInfo.hasNextPage) return data.videos;
        after = data.videos.pageInfo.endCursor;
      }
    };
    const edges = (await readAll(VideosDocument, { first: 2 })).edges.map(({ node }) => node.id);
    const nodes = (await readAll(gql(nodesQuery), {})).nodes.map(({ id }) => id);
    await client.query(RemovedVideosDocument, { first: 5 }).toPromise();
    const deletion = await client.mutation(DeleteVideosDocument, { ids }).toPromise();
    const succeeded = deletion.data.deleteVideos.summary.succeeded;
    const readCached = async (query, variables) =>
      (await client.query(query, variables, { requestPolicy: 'cache-only' }).toPromise()).data;
    const { videos } = await readCached(VideosDocument, { first: 2 });
    const { removedVideos } = await readCached(RemovedVideosDocument, { first: 5 });
    print({ edges, nodes, succeeded, live: toRows(videos), removed: toRows(removedVideos) });`,
};

const programOutput = z.object({
  /** Ids of two lists, read page by page: one for its edges, one for its nodes. */
  edges: z.array(z.string()),
  nodes: z.array(z.string()),
  succeeded: z.number(),
  /** Both lists after the deletion, from the cache alone. */
  live: z.object({ total: z.number(), rows: z.array(z.object({ id: z.string() })) }),
  removed: z.object({
    total: z.number(),
    rows: z.array(
      z.object({ id: z.string(), removedAt: z.string(), deletesAt: z.string(), assets: z.null() }),
    ),
  }),
  /** How many rows the optimistic answer has moved, while the deletion was on its way. */
  optimistic: z.number().optional(),
  areRaised: z.boolean().optional(),
});

/** Runs a client's program in an app in which it is installed. */
export async function runClient(
  app: string,
  client: keyof typeof MODULES,
  kind: 'esm' | 'cjs',
  url: string,
  ids: readonly string[],
): Promise<z.infer<typeof programOutput>> {
  const imports = Object.entries(MODULES[client]).map(([specifier, names]) => {
    const list = `{ ${names.join(', ')} }`;
    if (kind === 'cjs') return `const ${list} = require('${specifier}');`;
    const isFolder = specifier.startsWith('@apollo/client/');
    return `import ${list} from '${specifier}${isFolder ? '/index.js' : ''}';`;
  });
  const head = `const [url, ...ids] = process.argv.slice(2);
    const nodesQuery = ${JSON.stringify(NODES)};
    const toRows = ({ edges, totalCount }) => ({ total: totalCount, rows: edges.map(({ node }) => node) });
    const print = (value) => console.log(JSON.stringify(value));`;
  const main = `(async () => {${BODIES[client]}})();`;
  const file = `${client}.${kind === 'cjs' ? 'cjs' : 'mjs'}`;
  writeFileSync(join(app, file), [...imports, head, main].join('\n'));
  return programOutput.parse(JSON.parse(await run(process.execPath, [file, url, ...ids], { cwd: app })));
}
