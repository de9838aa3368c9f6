// A gateway that takes known operations only takes those of its own web app too, exactly as Apollo Client sends them.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { type DocumentNode, getOperationAST, print } from 'graphql';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { possibleTypes, typePolicies } from '../../src/clients/apollo.ts';
import * as shared from '../../src/clients/index.ts';
import * as own from '../../web/generated/documents.ts';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const MANIFEST = fileURLToPath(new URL('../../dist/web/operations.json', import.meta.url));
const COUNT = 'query Count { videos { totalCount } }';

const { operations } = z
  .object({ operations: z.array(z.object({ id: z.string(), name: z.string(), body: z.string() })) })
  .parse(JSON.parse(readFileSync(MANIFEST, 'utf8')));

/** A gateway whose operator knows one operation, and an app in front of it. */
async function startKnowing(env: Record<string, string> = { WEB_APP: 'on' }) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder());
  const path = join(folder.path, 'manifest.json');
  writeFileSync(path, JSON.stringify({ count: COUNT }));
  const { videos, ids } = createVideos(2);
  const started = stack.use(
    await startListeningGateway({
      videos,
      env: { VIDEO_RESTORE: 'on', PERSISTED_OPERATIONS: path, ...env },
    }),
  );
  const app = new ApolloClient({
    link: new HttpLink({ uri: `${started.origin}/graphql` }),
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
  });
  stack.defer(() => app.stop());
  const moved = stack.move();
  return { ...started, app, ids, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

test('the app lists and deletes, although its operator’s manifest has none of that', async () => {
  await using started = await startKnowing();
  const { app, ids, calls } = started;

  const { data } = await app.query({ query: own.LiveListDocument, variables: { first: 10 } });
  const deletion = await app.mutate({ mutation: shared.DeleteVideosDocument, variables: { ids } });

  expect(data?.list?.totalCount).toBe(2);
  expect(deletion.data?.deleteVideos?.summary.succeeded).toBe(2);
  expect(calls(ids).filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
});

test('each of its operations is known by its id as well, and those of the operator are as before', async () => {
  await using started = await startKnowing();
  const byId = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

  const ownList = operations.find(({ name }) => name === 'LiveList');
  const list = await started.post({ ...byId(ownList?.id ?? ''), variables: { first: 1 } });
  const count = await started.post(byId('count'));

  expect(list).toMatchObject({ status: 200, data: { list: { totalCount: 2 } } });
  expect(count).toMatchObject({ status: 200, data: { videos: { totalCount: 2 } } });
});

test('any other document is refused, and so is an own one with another letter', async () => {
  await using started = await startKnowing();
  const [{ body = '' } = {}] = operations;

  for (const query of [COUNT, `${body} `, body.replace('{', '{ __typename'), '{ __typename }'])
    expect(await started.post({ query })).toMatchObject({
      status: 403,
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  expect(started.sandbox.requests).toEqual([]);
});

test.each([
  ['off', { WEB_APP: 'off' }],
  ['off by default, beside a manifest', {}],
])('with the app %s, its documents are refused like all others', async (_, env) => {
  await using started = await startKnowing(env);

  for (const { id, body } of operations) {
    expect(await started.post({ query: body })).toMatchObject({ status: 403 });
    const extensions = { persistedQuery: { version: 1, sha256Hash: id } };
    expect(await started.post({ extensions })).toMatchObject({ status: 400 });
  }
  expect(started.sandbox.requests).toEqual([]);
});

test('the manifest of the build has the texts that Apollo Client sends, by their hashes', async () => {
  const documents = new Map(
    Object.values({ ...shared, ...own })
      .filter(isOperation)
      .map((document) => [getOperationAST(document)?.name?.value, document]),
  );
  expect(operations.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['LiveList', 'RemovedList', 'DeleteVideos', 'RestoreVideos']),
  );
  for (const { id, name, body } of operations) {
    const document = documents.get(name);
    expect(document && (await readSent(document)), name).toBe(body);
    expect(id, name).toBe(createHash('sha256').update(body).digest('hex'));
  }
});

function isOperation(value: unknown): value is DocumentNode {
  return (
    typeof value === 'object' &&
    value !== null &&
    'definitions' in value &&
    'kind' in value &&
    value.kind === 'Document'
  );
}

/** What the client hands to the link that sends it. */
async function readSent(document: DocumentNode): Promise<string> {
  const texts: string[] = [];
  const link = new ApolloLink(({ query }) => {
    texts.push(print(query));
    return new Observable((observer) => observer.complete());
  });
  const client = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) });
  const kind = getOperationAST(document)?.operation;
  if (kind === 'query') await client.query({ query: document }).catch(() => undefined);
  else if (kind === 'mutation') await client.mutate({ mutation: document }).catch(() => undefined);
  else client.subscribe({ query: document }).subscribe({ error: () => undefined });
  client.stop();
  return texts.join('\n');
}
