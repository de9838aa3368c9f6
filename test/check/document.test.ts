// docs/check.md shows what the command prints, but for ids and measured times, and its counts are what api.video saw.
import { expect, test } from 'vitest';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { readText } from '../docs/read-documents.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { startSandbox } from '../support/sandbox.ts';

function readRows(output: string): string[] {
  return output
    .trim()
    .replaceAll(/\bvi\w{22}\b/g, 'an id')
    .replaceAll(/check-[\da-f-]{36}/g, 'an id')
    .replace(/^\S+\n/, 'a host\n')
    .replaceAll(/\b\d+ ms\b/g, 'some ms')
    .split('\n');
}

test('the table in docs/check.md is what check --write prints', async () => {
  await using sandbox = await startSandbox({ videos: demoVideos() });
  await using started = startGatewayProcess(['check', '--write'], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
  });
  const { output, ended } = started;
  await ended;

  const [, shown = ''] =
    /<!-- output of check --write -->\n```text\n([\s\S]*?)```/.exec(readText('docs/check.md')) ?? [];
  expect(readRows(output.stdout)).toEqual(readRows(shown));
  const count = (kind: 'read' | 'write') =>
    sandbox.requests.filter((request) => request.kind === kind).length;
  expect(shown).toContain(`\n${count('read')} reads and ${count('write')} writes, all with`);
});
