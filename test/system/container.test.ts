// The image that the Dockerfile builds, run as docs/container.md says: not as root, and with a read-only root file system.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AsyncDisposableStack } from '@whatwg-node/disposablestack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startContainer } from './container.ts';
import { buildImage, type Image } from './image.ts';
import { findFreePort } from './proxy-process.ts';

// One after the other: the machine builds and starts as much as it can already.
describe('the image', { concurrent: false }, () => {
  let image: Image;
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    image = stack.use(await buildImage());
  }, 600_000);
  afterAll(() => stack.disposeAsync(), 60_000);

  async function runToEnd(command: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    await using container = startContainer(image, command, variables);
    const code = await container.ended;
    return { code, ...container.output };
  }

  test('has compiled code, the schema and the runtime dependencies, and nothing else', () => {
    const app = join(image.root, 'app');
    expect(readdirSync(app).toSorted()).toEqual(['dist', 'node_modules', 'package.json', 'schema']);
    const modules = readdirSync(join(app, 'node_modules'));
    for (const tool of ['typescript', 'vitest', '@biomejs', 'node', 'playwright-core', '.cache'])
      expect(modules).not.toContain(tool);
    const own = readdirSync(join(app, 'dist'), { recursive: true, encoding: 'utf8' });
    for (const path of own) expect(path).not.toMatch(/(?<!\.d)\.ts$|\.test\.|\.env|\.git/);

    const paths = readdirSync(app, { recursive: true, encoding: 'utf8' });
    const stats = paths.map((path) => lstatSync(join(app, path)));
    const bytes = stats.reduce((sum, { size }) => sum + size, 0);
    const megabytes = Math.round(bytes / 1_000_000);
    process.stdout.write(`The gateway and its dependencies take ${megabytes} MB of the image.\n`);
    expect(megabytes).toBeLessThan(100);
    // The user of the process owns nothing that it runs.
    expect(stats.filter(({ uid }) => uid !== 0)).toEqual([]);
  });

  test('runs without root, without capabilities, and with nothing that it can write', async () => {
    const code = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const [, capabilities] = /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'));
      const refused = ['/app/x', '/app/node_modules/x', '/tmp/x'].map((path) => {
        try { writeFileSync(path, ''); } catch ({ code }) { return code; }
      });
      console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(), pid: process.pid, capabilities, refused }));`;
    const { stdout, stderr } = await runToEnd(['node', '-e', code]);

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      uid: 1000,
      gid: 1000,
      pid: 1,
      capabilities: '0000000000000000',
      refused: ['EROFS', 'EROFS', 'EROFS'],
    });
  });

  test('refuses to start until someone states who may call', async () => {
    const withKey = await runToEnd(image.command, { APIVIDEO_API_KEY: 'key' });
    expect(withKey.code).toBe(1);
    expect(withKey.stderr).toContain('set AUTH to passthrough or jwt');
    const without = await runToEnd(image.command);
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('APIVIDEO_API_KEY');
  });

  test('starts, is healthy by its own check, deletes, writes no warning, and stops on SIGTERM', async () => {
    const { videos, ids } = createVideos(1);
    await using sandbox = await startSandbox({ videos });
    const PORT = String(await findFreePort());
    expect((await runToEnd(image.healthCheck, { PORT })).code).toBe(1);
    await using container = startContainer(image, image.command, {
      PORT,
      AUTH: 'passthrough',
      VIDEO_RESTORE: 'on',
      APIVIDEO_BASE_URL: sandbox.url,
    });
    await eventually(() => expect(container.output.stdout).toContain(`http://localhost:${PORT}/graphql`));

    expect(await runToEnd(image.healthCheck, { PORT })).toEqual({ code: 0, stdout: '', stderr: '' });
    const response = await fetch(`http://127.0.0.1:${PORT}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from('sandbox-key:').toString('base64')}`,
      },
      body: JSON.stringify({
        query: 'mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { __typename videoId } } }',
        variables: { ids },
      }),
    });
    const results = ids.map((videoId) => ({ __typename: 'VideoRemoved', videoId }));
    expect(await response.json()).toEqual({ data: { deleteVideos: { results } } });

    container.signal('SIGTERM');
    expect(await container.ended).toBe(0);
    expect(container.output.stderr).toBe('');
    const lines = container.output.stdout
      .trim()
      .split('\n')
      .map((line): { level: number } => JSON.parse(line));
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
  });
});
