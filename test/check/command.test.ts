// `apivideo-graphql check` from outside: what it prints, how it ends, and that it cleans up on Ctrl-C.
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { MOST_READS, MOST_READS_WITH_WRITES, MOST_WRITES } from '../../src/check/request-allowance.ts';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { listen } from '../support/listen.ts';
import { startSandbox } from '../support/sandbox.ts';

// Each starts a process, which is mostly computing: side by side, they only wait for each other.
const ONE_BY_ONE = { concurrent: false };

const videos = () => [...createVideos(4).videos, ...createRemovedVideos(2).videos];

async function run(args: readonly string[], env: Record<string, string>) {
  await using started = startGatewayProcess(['check', ...args], env);
  const { code } = await started.ended;
  return { code, ...started.output };
}

const toEnv = (url: string) => ({ APIVIDEO_API_KEY: 'sandbox-key', APIVIDEO_BASE_URL: url });

const document = z.strictObject({
  host: z.string(),
  project: z.string().optional(),
  rows: z.array(
    z.strictObject({
      check: z.string(),
      status: z.enum(['as assumed', 'differs', 'not checked']),
      found: z.string().min(1),
      follows: z.string(),
    }),
  ),
});

test(
  'prints a table of at most 100 columns, and ends with 0, if everything is as assumed',
  ONE_BY_ONE,
  async () => {
    await using sandbox = await startSandbox({ videos: videos() });
    const { code, stdout, stderr } = await run([], toEnv(sandbox.url));

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(new URL(sandbox.url).host);
    expect(stdout).toMatch(/^dialect {15}as assumed {3}api\.video speaks the dialect "discarded"\.$/m);
    expect(stdout).toMatch(/^\d+ as assumed, 0 differ, 0 could not be checked\.$/m);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
    expect(stdout).not.toContain('sandbox-key');
    expect(sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
  },
);

test('ends with 1 if something differs, and says what follows', ONE_BY_ONE, async () => {
  await using sandbox = await startSandbox({ videos: videos(), limits: null });
  const { code, stdout } = await run([], toEnv(sandbox.url));

  expect(code).toBe(1);
  expect(stdout).toMatch(/^limit headers {9}differs /m);
  expect(stdout).toContain('→ The gateway reads what it can, and goes by the rest.');
  expect(stdout).toMatch(/, 1 differ, 0 could not be checked\.$/m);
});

test('--json prints one document and nothing else', ONE_BY_ONE, async () => {
  await using sandbox = await startSandbox({ videos: videos() });
  const { code, stdout } = await run(['--json', '--write'], toEnv(sandbox.url));

  const { host, project, rows } = document.parse(JSON.parse(stdout));
  expect({ code, host, project }).toEqual({
    code: 0,
    host: new URL(sandbox.url).host,
    project: 'prSandbox',
  });
  expect(rows.map(({ check }) => check)).toContain('second DELETE');
});

test('a wrong key, and no upstream at all, end with 1 and could not be checked', ONE_BY_ONE, async () => {
  await using sandbox = await startSandbox();
  const wrong = await run([], { ...toEnv(sandbox.url), APIVIDEO_API_KEY: 'wrong-key' });
  const closed = await listen(createServer());
  const { port } = closed;
  await closed[Symbol.asyncDispose]();
  const alone = await run(['--json'], toEnv(`http://127.0.0.1:${port}`));

  expect(wrong.code).toBe(1);
  expect(wrong.stdout).toMatch(/^key {19}not checked {2}api\.video refused the API key with status 400\.$/m);
  expect(wrong.stdout).toContain(' 0 differ, ');
  expect(wrong.stdout).not.toContain('wrong-key');
  expect(alone.code).toBe(1);
  const { project, rows } = document.parse(JSON.parse(alone.stdout));
  expect(project).toBeUndefined();
  expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['not checked']));
  expect(rows[0]?.found).toContain('ECONNREFUSED');
});

test(
  'reports faults of the configuration as at the start, and needs a key even with AUTH=passthrough',
  ONE_BY_ONE,
  async () => {
    await using sandbox = await startSandbox({ videos: videos() });
    const none = await run([], { AUTH: 'passthrough', HOST: '0.0.0.0' });
    const wrong = await run([], { ...toEnv(sandbox.url), UPSTREAM_LAG_MS: '9000' });
    const served = await run([], { ...toEnv(sandbox.url), AUTH: 'passthrough', HOST: '0.0.0.0' });

    expect(none).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('APIVIDEO_API_KEY') });
    expect(wrong).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('UPSTREAM_LAG_MS') });
    expect(served.code).toBe(0);
  },
);

test('prints the usage on an option that it does not know, and the help on --help', ONE_BY_ONE, async () => {
  const unknown = await run(['--wirte'], {});
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toMatch(/Unknown option '--wirte'[\s\S]*Usage: apivideo-graphql check/);

  const help = await run(['--help'], {});
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain(`at most ${MOST_READS} reads`);
  expect(help.stdout).toContain(`at most ${MOST_WRITES} writes and ${MOST_READS_WITH_WRITES} reads`);
});

test('on Ctrl-C it deletes the probe video, and says what is left', ONE_BY_ONE, async () => {
  await using sandbox = await startSandbox({ videos: videos(), lagMs: 3_000 });
  await using started = startGatewayProcess(['check', '--write'], toEnv(sandbox.url));
  const { child, output, ended } = started;
  const probe = () => sandbox.videos().find(({ title }) => title === PROBE_VIDEO.title);
  // It waits for the lists to show the new video.
  await eventually(() => expect(probe()).toBeDefined());
  child.kill('SIGINT');
  child.kill('SIGINT');

  expect(await ended).toEqual({ code: 1, signal: null });
  expect(probe()?.removedAt).not.toBeNull();
  const writes = sandbox.requests.filter(({ kind }) => kind === 'write').map(({ method }) => method);
  expect(writes).toEqual(['POST', 'DELETE']);
  expect(output.stderr).toBe('SIGINT: stopping\n');
  expect(output.stdout.replaceAll(/\s+/g, ' ')).toContain(`Video ${probe()?.videoId}, removed or destroyed.`);
  expect(output.stdout).toMatch(/^unknown id {12}not checked {2}The check was stopped before\.$/m);
});

test.each<NodeJS.Signals>(['SIGTERM', 'SIGQUIT', 'SIGUSR2'])(
  'on %s while nothing was written, it writes nothing',
  ONE_BY_ONE,
  async (signal) => {
    await using sandbox = await startSandbox({ videos: videos(), latencyMs: 50 });
    await using started = startGatewayProcess(['check', '--write'], toEnv(sandbox.url));
    const { child, output, ended } = started;
    await eventually(() => expect(sandbox.requests.length).toBeGreaterThan(0));
    child.kill(signal);

    expect(await ended).toEqual({ code: 1, signal: null });
    expect(sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
    expect(output.stderr).toBe(`${signal}: stopping\n`);
  },
);

test('if nobody reads its output any more, it deletes the probe video and ends', ONE_BY_ONE, async () => {
  await using sandbox = await startSandbox({ videos: videos(), lagMs: 1_000 });
  await using started = startGatewayProcess(['check', '--write'], toEnv(sandbox.url));
  const { child, output, ended } = started;
  await eventually(() => expect(output.stdout).toContain('dialect'));
  child.stdout?.destroy();

  expect(await ended).toEqual({ code: 1, signal: null });
  expect(output.stderr).toBe('');
  const live = sandbox.videos().filter(({ removedAt }) => removedAt === null);
  expect(live.map(({ title }) => title)).not.toContain(PROBE_VIDEO.title);
});
