// Secrets from files, at the program itself: a mounted secret opens api.video and verifies tokens; a missing one ends it.
import { mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { readExamples } from '../docs/read-documents.ts';
import { createVideos } from '../support/create-videos.ts';
import { startGatewayProcess } from '../support/gateway-process.ts';
import { createToken, key, SECRET } from '../support/issue-jwt.ts';
import { startSandbox } from '../support/sandbox.ts';

const compose = z.object({
  services: z.object({
    gateway: z.object({ environment: z.record(z.string(), z.string()), secrets: z.array(z.string()) }),
  }),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

/** The settings of docs/container.md, with their secrets mounted in this folder as Docker and Kubernetes do. */
function mount(folder: string, contents: Record<string, string>): Record<string, string> {
  const { services, secrets } = compose.parse(parse(readExamples().get('compose-secrets')?.code ?? ''));
  const { environment, secrets: mounted } = services.gateway;
  expect(mounted.toSorted()).toEqual(Object.keys(secrets).toSorted());
  mkdirSync(join(folder, '..data'));
  for (const name of mounted) {
    const content = contents[name];
    if (content !== undefined) writeFileSync(join(folder, '..data', name), content);
    symlinkSync(join('..data', name), join(folder, name));
  }
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace(/^\/run\/secrets/, folder)]),
  );
}

test('the settings of docs/container.md serve callers with tokens', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'run-secrets-'));
  const { videos } = createVideos(2);
  await using sandbox = await startSandbox({ videos, apiKey: 'theMountedKey' });
  const env = mount(folder.path, { 'apivideo-key': 'theMountedKey\n', 'jwt-secret': `${SECRET}\r\n` });
  await using gateway = startGatewayProcess(['--sandbox'], {
    ...env,
    PORT: '0\r',
    APIVIDEO_BASE_URL: `"${sandbox.url}"`,
  });

  const token = await createToken({ scope: 'videos:read' }).sign(key(SECRET));
  const response = await fetch(await gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ videos { totalCount } }' }),
  });

  expect(await response.json()).toEqual({ data: { videos: { totalCount: 2 } } });
  expect(gateway.output.stdout + gateway.output.stderr).not.toContain('theMountedKey');
  expect(gateway.output.stdout + gateway.output.stderr).not.toContain(SECRET);
});

test('a secret that is not mounted, and one in quotes, end the program with one sentence for each', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'run-secrets-'));
  const env = mount(folder.path, { 'jwt-secret': `"${SECRET}"\n` });
  await using gateway = startGatewayProcess(['--sandbox'], { ...env, PORT: '0' });

  expect(await gateway.ended).toEqual({ code: 1, signal: null });
  const { stdout, stderr } = gateway.output;
  expect(stdout).toBe('');
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    'The configuration is wrong:',
    `APIVIDEO_API_KEY_FILE: expected the path of a file that has the secret, and ${JSON.stringify(join(folder.path, 'apivideo-key'))} does not exist`,
    'JWT_SECRET (from JWT_SECRET_FILE): expected a secret without blanks or quotes around it, and without invisible characters, and got quotes around it',
  ]);
});

test('check reads the key from a file, also beside AUTH=passthrough from an env file of Windows', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'run-secrets-'));
  const path = join(folder.path, 'key');
  writeFileSync(path, 'theMountedKey\r\n');
  await using sandbox = await startSandbox({ apiKey: 'theMountedKey' });
  await using checking = startGatewayProcess(['check', '--json'], {
    APIVIDEO_API_KEY_FILE: `${path}\r`,
    APIVIDEO_BASE_URL: `${sandbox.url}\r`,
    AUTH: 'passthrough\r',
  });
  const { code } = await checking.ended;
  expect(checking.output.stderr).toBe('');
  expect(JSON.parse(checking.output.stdout)).toMatchObject({ host: new URL(sandbox.url).host });
  expect(code).not.toBeNull();
  expect(sandbox.requests.map(({ path }) => path)).toContain('/auth/api-key');
});
