// Relay's compiler over the schema as it is shipped, and what it makes of a list, asked of a gateway.
import { copyFileSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { run } from '../support/run-command.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles the list in a folder, and answers the text of one of its operations. */
async function compile(folder: string): Promise<(name: string) => string> {
  mkdirSync(join(folder, 'src/generated'), { recursive: true });
  copyFileSync(join(ROOT, 'test/clients/relay/list.js'), join(folder, 'src/list.js'));
  copyFileSync(join(ROOT, 'schema.graphql'), join(folder, 'schema.graphql'));
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'javascript',
    artifactDirectory: './src/generated',
  };
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));
  await run(join(ROOT, 'node_modules/.bin/relay-compiler'), ['relay.config.json'], { cwd: folder });
  return (name) => {
    const artifact = readFileSync(join(folder, `src/generated/${name}.graphql.js`), 'utf8');
    const [, text = ''] = /"text": ("(?:[^"\\]|\\.)*")/.exec(artifact) ?? [];
    return JSON.parse(text);
  };
}

test('a connection, a refetch by node and a deletion compile, and are answered', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'relay-'));
  const read = await compile(folder.path);
  const { videos, ids } = createVideos(3);
  await using started = await startTestGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
  const { post, sandbox } = started;

  const first = await post({ query: read('listQuery'), variables: { first: 2 } });
  expect(first.errors).toEqual([]);
  const { edges, pageInfo } = Object(first.data).videos;
  const next = await post({
    query: read('listPaginationQuery'),
    variables: { first: 2, after: pageInfo.endCursor },
  });
  expect(next.errors).toEqual([]);
  const shown = [...edges, ...Object(next.data).videos.edges].map(({ node }) => node.id);
  expect(shown.toSorted()).toEqual(ids.toSorted());

  const deletion = await post({ query: read('listDeleteMutation'), variables: { ids: ids.slice(0, 1) } });
  expect(deletion.errors).toEqual([]);
  expect(sandbox.state(ids[0] ?? '')).toBe('removed');
  const again = await post({ query: read('listVideoRefetchQuery'), variables: { id: ids[0] } });
  expect(again.data).toMatchObject({ node: { __typename: 'Video', id: ids[0], removed: true } });
});
