// The README's examples, run as they stand against a gateway on demo videos; only the port is another.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The code block after a comment that names it. */
function readExample(name: string, address: string): string {
  const block = readme.split(`<!-- example: ${name} -->`)[1]?.match(/```\w+\n([\s\S]*?)```/)?.[1];
  if (!block?.includes('http://127.0.0.1:4000')) throw new Error(`the README has no example ${name}`);
  return block.replaceAll('http://127.0.0.1:4000', address);
}

async function runInShell(script: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('bash', ['-c', script]);
  return JSON.parse(stdout);
}

test('the deletion, the list and the restore do what the README says', async () => {
  await using started = await startListeningGateway({ videos: demoVideos() });
  const { origin: url, sandbox } = started;
  const liveBefore = sandbox.videos().filter(({ removedAt }) => removedAt === null).length;

  const deletion = await runInShell(readExample('delete', url));
  expect(deletion).toMatchObject({
    data: {
      deleteVideos: {
        summary: { requested: 3, succeeded: 3, failed: 0 },
        results: [1, 2, 3].map(() => ({
          __typename: 'VideoRemoved',
          video: { deletesAt: expect.any(String) },
        })),
        userErrors: [],
      },
    },
  });
  const { results } = Object(deletion).data.deleteVideos;
  expect(results.map(({ videoId }: { videoId: string }) => sandbox.state(videoId))).toEqual(
    Array(3).fill('removed'),
  );

  const list = await runInShell(readExample('removed', url));
  const { nodes } = Object(list).data.removedVideos;
  expect(nodes).toHaveLength(4);
  const shown = nodes.map(({ id }: { id: string }) => id);
  expect(shown).toEqual(expect.arrayContaining(results.map(({ videoId }: { videoId: string }) => videoId)));
  expect(nodes).toContainEqual(expect.objectContaining({ title: 'apivideo-graphql: Video Restore probe' }));

  const restore = await runInShell(readExample('restore', url));
  expect(restore).toMatchObject({
    data: { restoreVideos: { summary: { requested: 3, succeeded: 3, failed: 0 } } },
  });
  expect(sandbox.videos().filter(({ removedAt }) => removedAt === null)).toHaveLength(liveBefore);
});

test('the frontend function answers what was removed and what failed', async () => {
  await using started = await startListeningGateway({ videos: demoVideos() });
  const { origin: url, sandbox } = started;
  const live = sandbox.videos().filter(({ removedAt }) => removedAt === null);
  const ids = live.slice(0, 2).map(({ videoId }) => videoId);

  const module = `data:text/javascript,${encodeURIComponent(`export ${readExample('frontend', url)}`)}`;
  const { deleteVideos } = await import(/* @vite-ignore */ module);
  const answer = await deleteVideos([...ids, 'viNowhere']);

  expect(answer).toMatchObject({ removed: ids, failed: [{ videoId: 'viNowhere', code: 'NOT_FOUND' }] });
  expect(ids.map((id) => sandbox.state(id))).toEqual(['removed', 'removed']);
});

test('every variable of the configuration stands in its table, with its default', () => {
  const config = readFileSync(new URL('../../src/config/read-config.ts', import.meta.url), 'utf8');
  const variables = [...config.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name);
  expect(variables.length).toBeGreaterThan(10);
  for (const name of variables) expect(readme).toContain(`\`${name}\``);
});

test.each(['react-apollo', 'react-urql'])('shows of the example %s what stands in its file', (name) => {
  const file = readFileSync(new URL(`../../docs/examples/${name}.tsx`, import.meta.url), 'utf8');
  const [, block = ''] = readme.split(`(docs/examples/${name}.tsx)):\n\n\`\`\`tsx\n`);
  const lines =
    block
      .split('\n```')[0]
      ?.split('\n')
      .filter((line) => line && !/^( {2}\/\/ …|})$/.test(line)) ?? [];
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) expect(file).toContain(`${line}\n`);
});
