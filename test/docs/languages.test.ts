// docs/languages.md, run as it stands, in those of its languages that this machine has; only the port is another.
import { accessSync, constants } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { listen } from '../support/listen.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';
import { readExamples } from './read-documents.ts';

const IDS = ['vinm4zQUVeTFgpfk9VlubjoJ', 'viKyqQ8MCP4SSOejfmwCk5Hy'] as const;

const LANGUAGES = [
  { name: 'curl', file: 'main.sh', needs: ['bash', 'curl'], command: ['bash'] },
  { name: 'go', file: 'main.go', needs: ['go'], command: ['go', 'run'] },
  { name: 'php', file: 'main.php', needs: ['php'], command: ['php'] },
  { name: 'javascript', file: 'main.mjs', needs: [], command: [process.execPath] },
  { name: 'python', file: 'main.py', needs: ['python3'], command: ['python3'] },
] as const;

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const installed = LANGUAGES.filter(({ needs }) => needs.every(isInstalled));
const absent = LANGUAGES.filter((language) => !installed.includes(language));
process.stdout.write(
  `docs/languages.md runs in ${installed.map(({ name }) => name).join(', ')}; ` +
    `this machine lacks ${absent.map(({ name }) => name).join(', ') || 'none'}\n`,
);

/** How Python, Node.js, PHP and Go show where a program failed. */
const STACK = /Traceback|^ +at .*main\.mjs|Stack trace|goroutine/m;

type Language = (typeof LANGUAGES)[number];

/** The output of the document's program, with these replacements; rejects if it ends with a failure. */
async function runProgram({ name, file, command }: Language, replacements: Record<string, string>) {
  let { code } = readExamples().get(`language-${name}`) ?? { code: '' };
  for (const [text, replacement] of Object.entries(replacements)) {
    if (!code.includes(text)) throw new Error(`the program in ${name} lacks ${text}`);
    code = code.replaceAll(text, replacement);
  }
  await using folder = await mkdtempDisposable(join(tmpdir(), `language-${name}-`));
  const path = join(folder.path, file);
  await writeFile(path, code);
  const [program = '', ...args] = command;
  const env = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  // Awaited here, as the folder goes with this scope.
  return await run(program, [...args, path], { cwd: folder.path, env });
}

test('the document has a program in each of the five languages', () => {
  const shown = [...readExamples()].filter(([, { document }]) => document === 'docs/languages.md');
  expect(shown.map(([name]) => name)).toEqual(LANGUAGES.map(({ name }) => `language-${name}`));
});

describe.each(installed)('in $name', (language) => {
  test('deletes both videos, restores both, and shows each result', async () => {
    await using gateway = await startListeningGateway({ videos: demoVideos(), env: { VIDEO_RESTORE: 'on' } });

    const output = await runProgram(language, { 'http://127.0.0.1:4000': gateway.origin });

    const writes = gateway.calls(IDS).filter((call) => !call.startsWith('GET'));
    expect(writes.slice(0, 2).toSorted()).toEqual(IDS.map((id) => `DELETE /videos/${id}`).toSorted());
    expect(writes.slice(2).toSorted()).toEqual(IDS.map((id) => `PATCH /discarded/videos/${id}`).toSorted());
    for (const id of IDS) {
      expect(output).toMatch(new RegExp(`VideoRemoved\\W.*${id}[^]*VideoRestored\\W.*${id}`));
      expect(gateway.sandbox.state(id)).toBe('live');
    }
  });

  test('shows why one video failed, and restores only the other', async () => {
    await using gateway = await startListeningGateway({ videos: demoVideos(), env: { VIDEO_RESTORE: 'on' } });

    const output = await runProgram(language, {
      'http://127.0.0.1:4000': gateway.origin,
      [IDS[1]]: 'viNowhere',
    });

    expect(output).toMatch(/VideoFailure\W.*viNowhere.*NOT_FOUND.*no video/i);
    expect(output).toMatch(new RegExp(`VideoRestored\\W.*${IDS[0]}`));
    expect(gateway.calls(['viNowhere']).filter((call) => call.startsWith('PATCH'))).toEqual([]);
  });

  test('fails with the message of a mistake in the call as a whole, and upstream gets nothing', async () => {
    await using gateway = await startListeningGateway({ videos: demoVideos(), env: { MAX_IDS: '1' } });

    await expect(runProgram(language, { 'http://127.0.0.1:4000': gateway.origin })).rejects.toThrow(
      /at most 1 distinct/,
    );
    expect(gateway.calls()).toEqual([]);
  });

  test('fails with the message of a refusal', async () => {
    await using gateway = await startListeningGateway({
      env: { AUTH: 'passthrough', APIVIDEO_API_KEY: '' },
    });

    const running = runProgram(language, { 'http://127.0.0.1:4000': gateway.origin });
    const failure = await running.then(() => 'success', String);
    expect(failure).toMatch(/credentials/i);
    expect(failure).not.toMatch(STACK);
  });

  test('leaves a video removed that was removed before, also if two programs run at once', async () => {
    const [before, other] = IDS;
    const day = 86_400_000;
    const removedAt = new Date(Date.now() - day).toISOString();
    const deletesAt = new Date(Date.now() + 89 * day).toISOString();
    const videos = demoVideos().map((video) =>
      video.videoId === before ? { ...video, removedAt, deletesAt } : video,
    );
    await using gateway = await startListeningGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
    const replacements = { 'http://127.0.0.1:4000': gateway.origin };

    const outputs = await Promise.all([
      runProgram(language, replacements),
      runProgram(language, replacements),
    ]);

    for (const output of outputs) {
      expect(output).toMatch(new RegExp(`VideoRemoved\\W.*${before}`));
      expect(output).not.toMatch(new RegExp(`VideoRestored\\W.*${before}`));
    }
    expect(gateway.calls([before]).filter((call) => call.startsWith('PATCH'))).toEqual([]);
    expect(gateway.sandbox.state(before)).toBe('removed');
    expect(gateway.sandbox.state(other)).toBe('live');
  });

  test.each([
    ['HTML', 502, '<h1>Bad Gateway</h1>'],
    ['no data', 200, '{"data":null}'],
    ['JSON of a proxy', 502, '{"message":"Bad Gateway"}'],
    ['null', 200, 'null'],
    ['nothing', 200, ''],
  ])('says that the gateway did not answer if what comes is %s', async (_name, status, body) => {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    await using proxy = await listen(server);

    const running = runProgram(language, { 'http://127.0.0.1:4000': `http://127.0.0.1:${proxy.port}` });

    const failure = await running.then(() => 'success', String);
    expect(failure).toMatch(/^(\S+ \S+ )?no answer from the gateway/im);
    expect(failure).not.toMatch(STACK);
  });

  test('says that the gateway did not answer if nothing listens, or the connection breaks', async () => {
    let origin: string;
    const expectNoAnswer = async () => {
      const running = runProgram(language, { 'http://127.0.0.1:4000': origin });
      const failure = await running.then(() => 'success', String);
      expect(failure).toContain('no answer from the gateway');
      expect(failure).not.toMatch(STACK);
    };
    {
      const server = createServer(({ socket }, response) => {
        // The beginning of an answer, which has results already.
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"data":{"deleteVideos":{"results":[', () => socket.destroy());
      });
      await using proxy = await listen(server);
      origin = `http://127.0.0.1:${proxy.port}`;
      await expectNoAnswer();
    }
    await expectNoAnswer();
  });
});
