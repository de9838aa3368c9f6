// The package from outside: packed, installed in an empty folder, run by its name and mounted in another server.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startIn, typeCheckIn } from '../support/installed-package.ts';
import { run } from '../support/run-command.ts';
import { startSandbox } from '../support/sandbox.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
let tarball = '';

beforeAll(async () => {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: ROOT });
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function ask(url: string, query: string, variables = {}): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

test('runs by npx under its own name, on the embedded sandbox', async () => {
  await using program = startIn(folder, 'npx', ['--no-install', 'apivideo-graphql', '--sandbox'], {
    PORT: '0',
  });
  const url = await program.url;

  const answer = await ask(url, '{ videos(first: 1) { totalCount nodes { id } } }');

  expect(answer).toMatchObject({
    data: { videos: { totalCount: 200, nodes: [{ id: expect.any(String) }] } },
  });
});

test('runs by npx the check of api.video', async () => {
  await using sandbox = await startSandbox(createVideos(4));
  const env = { ...process.env, APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: sandbox.url };
  const ended = run('npx', ['--no-install', 'apivideo-graphql', 'check', '--write'], { cwd: folder, env });

  expect(await ended).toMatch(/^second DELETE {9}as assumed/m);
});

function readExample(): string {
  const source = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(source) ?? [];
  return code.replaceAll(/^ \* ?/gm, '').trimStart();
}

/** The example as it stands; only the port is any, and printed. */
function toServer(): string {
  const example = readExample().replace('listen(3000,', 'listen(0,');
  const tell = `server.on('listening', () => console.log('http://127.0.0.1:' + server.address().port + '/graphql'));`;
  return `${example}\n${tell}\n`;
}

test('shows in docs/embedding.md what its own documentation shows', () => {
  const [, document = ''] = readFileSync(join(ROOT, 'docs/embedding.md'), 'utf8').split(
    '<!-- example: mount -->\n```js\n',
  );
  expect(document.split('```')[0]).toBe(readExample());
});

test('is mounted in another server by the example of its documentation', async () => {
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos });
  writeFileSync(join(folder, 'server.js'), toServer());

  await using program = startIn(folder, process.execPath, ['server.js'], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });
  const url = await program.url;
  const answer = await ask(
    url,
    'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }',
    { ids },
  );

  const results = ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
  expect(answer).toEqual({ data: { deleteVideos: { results } } });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);
  const page = await fetch(new URL('/', url));
  expect(await page.text()).toBe('the application');
});

test('has types that another project compiles against', async () => {
  writeFileSync(
    join(folder, 'consumer.ts'),
    `import { type Config, ConfigError, createGateway, createLogger, type Gateway, readConfig } from 'apivideo-graphql';
     const config: Config = readConfig({ APIVIDEO_API_KEY: 'key' });
     export const gateway: Gateway = await createGateway(config, await createLogger('info', process.stdout));
     export const isKnown: boolean = new Error() instanceof ConfigError;
     // @ts-expect-error -- a port is a number
     export const port: string = config.port;
    `,
  );
  await typeCheckIn(folder, 'consumer.ts');
});

test('passes publint, and its types resolve for whoever imports it', async () => {
  await run(join(BIN, 'publint'), ['run', tarball, '--strict'], { cwd: folder });
  await run(
    join(BIN, 'attw'),
    [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema.graphql'],
    { cwd: folder },
  );
}, 60_000);

test('ships documents that are right by the schema that it ships, and neither needs a client', async () => {
  writeFileSync(
    join(folder, 'documents.js'),
    `import { readFileSync } from 'node:fs';
     import { fileURLToPath } from 'node:url';
     import * as documents from 'apivideo-graphql/documents';
     import { buildSchema, Kind, validate } from 'graphql';
     const path = fileURLToPath(import.meta.resolve('apivideo-graphql/schema.graphql'));
     const schema = buildSchema(readFileSync(path, 'utf8'));
     const operations = Object.values(documents).filter(({ kind, definitions }) =>
       kind === Kind.DOCUMENT && definitions.some((definition) => definition.kind === Kind.OPERATION_DEFINITION));
     const names = operations.map(({ definitions }) => definitions.map(({ name }) => name.value)[0]);
     const faults = operations.flatMap((operation) => validate(schema, operation).map(({ message }) => message));
     console.log(JSON.stringify({ names, faults }));
    `,
  );

  const { names, faults } = JSON.parse(await run(process.execPath, ['documents.js'], { cwd: folder }));

  expect(faults).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['Videos', 'DeleteVideos', 'RestoreVideos']));
  expect(existsSync(join(folder, 'node_modules/@apollo'))).toBe(false);
  expect(existsSync(join(folder, 'node_modules/@urql'))).toBe(false);
});

describe('beside the clients that it has settings for', () => {
  beforeAll(async () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const clients = ['@apollo/client', '@urql/core', '@urql/exchange-graphcache'];
    const versions = clients.map((name) => `${name}@${devDependencies[name]}`);
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...versions], {
      cwd: folder,
    });
  }, 300_000);

  test('Apollo Client and urql read and delete with them', async () => {
    const { videos, ids } = createVideos(2);
    await using sandbox = await startSandbox({ videos });
    await using program = startIn(folder, 'npx', ['--no-install', 'apivideo-graphql'], {
      PORT: '0',
      APIVIDEO_API_KEY: 'sandbox-key',
      APIVIDEO_BASE_URL: sandbox.url,
    });
    const url = await program.url;
    writeFileSync(
      join(folder, 'clients.js'),
      `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
       import { Client, fetchExchange } from '@urql/core';
       import { cacheExchange } from '@urql/exchange-graphcache';
       import { possibleTypes, typePolicies } from 'apivideo-graphql/apollo';
       import { DeleteVideosDocument, VideosDocument } from 'apivideo-graphql/documents';
       import { keys, resolvers, schema } from 'apivideo-graphql/urql';
       const [url, first, second] = process.argv.slice(2);
       const apollo = new ApolloClient({
         link: new HttpLink({ uri: url }),
         cache: new InMemoryCache({ possibleTypes, typePolicies }),
       });
       const urql = new Client({ url, exchanges: [cacheExchange({ keys, resolvers, schema }), fetchExchange] });
       const variables = { first: 10 };
       const lists = [
         await apollo.query({ query: VideosDocument, variables }),
         await urql.query(VideosDocument, variables).toPromise(),
       ];
       const deletions = [
         await apollo.mutate({ mutation: DeleteVideosDocument, variables: { ids: [first] } }),
         await urql.mutation(DeleteVideosDocument, { ids: [second] }).toPromise(),
       ];
       console.log(JSON.stringify({
         lists: lists.map(({ data }) => data.videos.edges.map(({ node }) => node.id).sort()),
         deletions: deletions.map(({ data }) => data.deleteVideos.results.map(({ videoId }) => videoId)),
       }));
      `,
    );

    const answers = JSON.parse(await run(process.execPath, ['clients.js', url, ...ids], { cwd: folder }));

    expect(answers).toEqual({
      lists: [ids.toSorted(), ids.toSorted()],
      deletions: ids.map((id) => [id]),
    });
    expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);
  });

  test('what they are given has the types that they expect, and operations know theirs', async () => {
    writeFileSync(
      join(folder, 'clients.ts'),
      `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
       import { Client, fetchExchange } from '@urql/core';
       import { cacheExchange } from '@urql/exchange-graphcache';
       import { possibleTypes, typePolicies } from 'apivideo-graphql/apollo';
       import { DeleteVideosDocument, VideosDocument } from 'apivideo-graphql/documents';
       import { keys, resolvers, schema } from 'apivideo-graphql/urql';
       const url = 'http://127.0.0.1:4000/graphql';
       const apollo = new ApolloClient({
         link: new HttpLink({ uri: url }),
         cache: new InMemoryCache({ possibleTypes, typePolicies }),
       });
       const urql = new Client({ url, exchanges: [cacheExchange({ keys, resolvers, schema }), fetchExchange] });
       const { data } = await apollo.mutate({ mutation: DeleteVideosDocument, variables: { ids: ['a'] } });
       export const succeeded: number | undefined = data?.deleteVideos?.summary.succeeded;
       const list = await urql.query(VideosDocument, { first: 1 }).toPromise();
       export const ids: string[] | undefined = list.data?.videos?.edges.map(({ node }) => node.id);
       // @ts-expect-error -- a video has no such field
       export const titles = list.data?.videos?.edges.map(({ node }) => node.titel);
       // @ts-expect-error -- a deletion is of ids
       await apollo.mutate({ mutation: DeleteVideosDocument, variables: { id: 'a' } });
       // @ts-expect-error -- a page has a number
       await urql.query(VideosDocument, { first: 'one' }).toPromise();
      `,
    );

    await typeCheckIn(folder, 'clients.ts');
  });
});
