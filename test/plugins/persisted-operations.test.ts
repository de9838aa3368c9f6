// Where PERSISTED_OPERATIONS names a manifest, its documents are all that can be asked for.
import { execFileSync } from 'node:child_process';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/read-config.ts';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const COUNT = 'query Count { videos { totalCount } }';
const DELETION = 'mutation Delete($ids: [ID!]!) { deleteVideos(ids: $ids) { summary { succeeded } } }';
const MAP = { count: COUNT, delete: DELETION };

/** A file with it, in a folder of its own. */
async function writeManifest(content: unknown): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'manifest-'));
  const path = join(folder.path, 'manifest.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return { path, [Symbol.asyncDispose]: () => folder.remove() };
}

const byId = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});

describe('a gateway with a manifest', () => {
  test.each([
    ['a map', MAP],
    ['a map behind a byte order mark', `\ufeff${JSON.stringify(MAP)}`],
    [
      "Apollo's format",
      {
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [
          { id: 'count', name: 'Count', type: 'query', body: COUNT },
          { id: 'delete', name: 'Delete', type: 'mutation', body: DELETION },
        ],
      },
    ],
  ])('of %s answers its operations by their ids', async (_name, manifest) => {
    const { videos, ids } = createVideos(2);
    await using file = await writeManifest(manifest);
    const env = { PERSISTED_OPERATIONS: file.path };
    await using started = await startTestGateway({ videos, env });
    const { post, calls } = started;

    expect(await post(byId('count'))).toMatchObject({ status: 200, data: { videos: { totalCount: 2 } } });
    expect(await post({ ...byId('delete'), variables: { ids } })).toMatchObject({
      data: { deleteVideos: { summary: { succeeded: 2 } } },
    });
    expect(calls(ids).filter((call) => call.startsWith('DELETE'))).toHaveLength(2);
  });

  test('answers a query by its id over GET, and refuses a mutation', async () => {
    const { videos, ids } = createVideos(2);
    await using file = await writeManifest(MAP);
    const env = { PERSISTED_OPERATIONS: file.path };
    await using started = await startListeningGateway({ videos, env });
    const { send, calls } = started;
    const get = (id: string, variables = {}) => {
      const search = new URLSearchParams({
        extensions: JSON.stringify(byId(id).extensions),
        variables: JSON.stringify(variables),
      });
      return send({ path: `/graphql?${search}` });
    };

    const [query, mutation] = [await get('count'), await get('delete', { ids })];

    expect(JSON.parse(query.body)).toEqual({ data: { videos: { totalCount: 2 } } });
    expect(mutation.status).toBe(405);
    expect(calls()).toEqual([]);
  });

  test.each([
    ['a document', { query: COUNT }, 403, 'FORBIDDEN', 'got a document'],
    ['a document beside its id', { query: COUNT, ...byId('count') }, 403, 'FORBIDDEN', 'got a document'],
    ['an introspection', { query: '{ __schema { types { name } } }' }, 403, 'FORBIDDEN', 'got a document'],
    ['an unknown id', byId('other'), 400, 'BAD_USER_INPUT', 'got another one'],
    ['an id of every object', byId('__proto__'), 400, 'BAD_USER_INPUT', 'got another one'],
    ['an id that is a number', byId(7), 400, 'BAD_USER_INPUT', 'got none'],
    ['an id of another version', byId('count', 2), 400, 'BAD_USER_INPUT', 'got none'],
    ['neither', {}, 400, 'BAD_USER_INPUT', 'got none'],
  ])('refuses %s, and sends nothing', async (_name, body, status, code, words) => {
    await using file = await writeManifest(MAP);
    const env = { PERSISTED_OPERATIONS: file.path };
    await using started = await startTestGateway({ env });
    const { post, sandbox } = started;

    const answer = await post(body);

    expect(answer).toMatchObject({ status, errors: [{ extensions: { code } }] });
    expect(answer.data).toBeUndefined();
    expect(answer.errors[0]?.message).toContain(words);
    expect(sandbox.requests).toEqual([]);
  });
});

describe('a manifest is refused, before anything listens, that', () => {
  test.each([
    ['is no JSON', '{"count": sECRET', 'a readable JSON file (it is not JSON)'],
    ['is a list', [COUNT], 'a file with a map from id to document'],
    ['has something else than documents', { count: 7 }, 'a file with a map from id to document'],
    ['has an empty id', { '': COUNT }, 'a file with a map from id to document'],
    ['is empty', {}, 'a file with at least one operation'],
    ['is of another format', { format: 'relay', operations: [] }, 'a file with a map from id to document'],
    [
      'has a document that cannot be read',
      { count: 'query {' },
      'documents that fit the schema (count: Syntax',
    ],
    [
      'has a document that does not fit the schema',
      { count: '{ vidoes { totalCount } }' },
      'documents that fit the schema (count: Cannot query field "vidoes"',
    ],
  ])('%s', async (_name, content, words) => {
    await using file = await writeManifest(content);
    const { path } = file;
    const read = () =>
      readConfig({ APIVIDEO_API_KEY: 'key', PERSISTED_OPERATIONS: path }, { sandbox: false });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      `PERSISTED_OPERATIONS: expected ${words.startsWith('doc') ? 'a file of ' : ''}${words}`,
    );
    expect(read).toThrow('manifest.json');
    expect(read).not.toThrow('sECRET');
  });

  test('is a pipe or a directory', async () => {
    await using file = await writeManifest(MAP);
    const pipe = `${file.path}.pipe`;
    execFileSync('mkfifo', [pipe]);
    for (const [path, reason] of [
      [pipe, 'is not a regular file'],
      [dirname(file.path), 'is a directory'],
    ])
      expect(() => readConfig({ APIVIDEO_API_KEY: 'key', PERSISTED_OPERATIONS: path })).toThrow(
        `PERSISTED_OPERATIONS: expected a readable JSON file (it ${reason}), and got `,
      );
  });
});
