// Who deleted a video, from where, in which project, and until when it can be restored: the audit alone shows it.
import { describe, expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { run } from '../support/run-command.ts';
import type { TestGatewayOptions } from '../support/test-gateway.ts';

const DELETE =
  'mutation ($ids: [ID!]!, $ifPermanent: PermanentDeletionPolicy) { deleteVideos(ids: $ids, options: { ifPermanent: $ifPermanent }) { results { __typename ... on VideoRemoved { video { deletesAt } } } } }';
const RESTORE = 'mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { __typename } } }';

async function start(options: TestGatewayOptions = {}) {
  const { logger, lines, text } = captureLog('info');
  const started = await startListeningGateway({ ...options, logger });
  const send = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const { body } = await started.send({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: [JSON.stringify({ query, variables })],
    });
    return JSON.parse(body);
  };
  return { ...started, send, text, audit: () => lines.filter(({ audit }) => audit === true) };
}

describe('an audit line', () => {
  test('has the client address, the project of the key, and until when the video can be restored', async () => {
    const { videos, ids } = createVideos(1);
    const { videos: gone, ids: removed } = createRemovedVideos(1);
    await using started = await start({ videos: [...videos, ...gone], projectId: 'prOfTheKey' });
    const { send, audit } = started;

    const { data } = await send(DELETE, { ids: [...ids, ...removed] });
    await send(RESTORE, { ids });

    const origin = { address: '127.0.0.1', project: 'prOfTheKey', caller: 'anonymous' };
    for (const line of audit()) expect(line).toMatchObject(origin);
    const ofCaller = audit().filter(({ probe }) => !probe);
    const [deletion, earlier] = data.deleteVideos.results;
    expect(ofCaller).toMatchObject([
      { videoId: ids[0], outcome: 'removed' },
      { videoId: removed[0], outcome: 'alreadyRemoved' },
      { videoId: ids[0], outcome: 'restored' },
    ]);
    const toTime = (text: unknown) => new Date(String(text)).getTime();
    expect(toTime(ofCaller[0]?.deletesAt)).toBe(toTime(deletion.video.deletesAt));
    expect(toTime(ofCaller[1]?.deletesAt)).toBe(toTime(earlier.video.deletesAt));
    expect(ofCaller[2]).not.toHaveProperty('deletesAt');
  });

  test('has no time of restore if the video is destroyed or was not found', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await start({ videos, videoRestore: false });
    const { send, audit } = started;

    await send(DELETE, { ids: [...ids, 'viNowhere'], ifPermanent: 'ALLOW' });

    expect(audit().map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['destroyed', 'NOT_FOUND']));
    for (const line of audit()) expect(line).not.toHaveProperty('deletesAt');
  });

  test('has the client behind a trusted proxy', async () => {
    const { videos, ids } = createVideos(1);
    const env = { TRUSTED_PROXIES: '127.0.0.1', ALLOW_UNAUTHENTICATED: 'true' };
    await using started = await start({ videos, env });
    const { send, audit } = started;

    await send(DELETE, { ids }, { 'x-forwarded-for': '203.0.113.9' });

    expect(audit().length).toBeGreaterThan(0);
    for (const line of audit()) expect(line).toMatchObject({ address: '203.0.113.9' });
  });

  test('of passthrough names one key the same each time, as a command computes it, and never shows it', async () => {
    const { videos, ids } = createVideos(2);
    const env = { AUTH: 'passthrough', APIVIDEO_API_KEY: '', VIDEO_RESTORE: 'on' };
    await using started = await start({ videos, env, apiKey: 'my-own-key', projectId: 'prMine' });
    const { send, audit, text, sandbox } = started;
    const other = sandbox.addProject({ apiKey: 'their-key', projectId: 'prTheirs', videos: [] });
    const basic = (key: string) => ({
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
    });

    for (const id of ids) await send(DELETE, { ids: [id] }, basic('my-own-key'));
    await send(DELETE, { ids: ['viNowhere'] }, basic('their-key'));

    const command = `printf 'basic %s' my-own-key | sha256sum | cut -c1-16`;
    const digest = (await run('bash', ['-c', command])).trim();
    const mine = { caller: `basic ${digest}`, project: 'prMine' };
    expect(audit()).toMatchObject([mine, mine, { project: other.projectId }]);
    expect(text()).not.toMatch(/my-own-key|their-key/);
  });

  test('of passthrough names the project of an accepted token, and nothing that a refused one claims', async () => {
    const { videos, ids } = createVideos(1);
    const env = { AUTH: 'passthrough', APIVIDEO_API_KEY: '', VIDEO_RESTORE: 'on' };
    await using started = await start({ videos, env, projectId: 'prMine' });
    const { send, audit, text, sandbox } = started;
    const answer = await fetch(`${sandbox.url}/auth/api-key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'sandbox-key' }),
    });
    const { access_token: token } = Object(await answer.json());
    const claims = Buffer.from(JSON.stringify({ projectId: 'prForged' })).toString('base64url');

    await send(DELETE, { ids }, { authorization: `Bearer a.${claims}.c` });
    await send(DELETE, { ids }, { authorization: `Bearer ${token}` });

    const caller = expect.stringMatching(/^bearer [0-9a-f]{16}$/);
    expect(audit()).toMatchObject([{ outcome: 'removed', project: 'prMine', caller }]);
    expect(text()).not.toContain('prForged');
  });
});
