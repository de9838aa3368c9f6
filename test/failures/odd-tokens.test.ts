// Tokens that cannot be read, that hardly live, or that upstream refuses for writes: the gateway does not ask for one after
// the other.
import { describe, expect, test } from 'vitest';
import type { Fault, Sandbox } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;

function tokensAsked(sandbox: Sandbox): number {
  return sandbox.requests.filter(({ kind }) => kind === 'auth').length;
}

/** An answer to a request for a token. */
function tokenAnswer(body: object): Fault {
  return {
    kind: 'answer',
    acts: false,
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A token as upstream issues it, with another lifetime. */
async function issueWithLifetime(sandbox: Sandbox, lifetime: unknown): Promise<Fault> {
  const response = await fetch(`${sandbox.url}/auth/api-key`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiKey: 'sandbox-key' }),
  });
  sandbox.clearRequests();
  return tokenAnswer({ ...Object(await response.json()), expires_in: lifetime });
}

describe('a token that upstream issues in an odd way', { concurrent: true }, () => {
  test.each<[string, Fault]>([
    ['no lifetime', tokenAnswer({ access_token: 'token', expires_in: null })],
    ['a lifetime of 0', tokenAnswer({ access_token: 'token', expires_in: 0 })],
    ['a lifetime in words', tokenAnswer({ access_token: 'token', expires_in: 'an hour' })],
    ['an empty token', tokenAnswer({ access_token: '', expires_in: 3600 })],
    ['a status without content', { kind: 'answer', acts: false, status: 204 }],
  ])('with %s is asked for a few times, and again once it is good', { timeout: SLOW }, async (_name, odd) => {
    const { videos, ids } = createVideos(100);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute, post } = started;
    sandbox.setFault(({ kind }) => (kind === 'auth' ? odd : undefined));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 3 } });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
    expect(tokensAsked(sandbox)).toBeLessThanOrEqual(4);

    sandbox.setFault(undefined);
    const read = () => post({ query: `{ video(id: "${ids[0]}") { id } }` });
    const mendedAt = performance.now();
    await eventually(async () => expect((await read()).data).toEqual({ video: { id: ids[0] } }));
    expect(performance.now() - mendedAt).toBeLessThan(10_000);
  });

  test('once is asked for again at once', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    let asked = 0;
    sandbox.setFault(({ kind }) => {
      if (kind !== 'auth') return undefined;
      asked += 1;
      return asked === 1 ? tokenAnswer({ access_token: '', expires_in: 3600 }) : undefined;
    });

    expect((await execute(VideoDocument, { id: ids[0] ?? '' })).video).toMatchObject({ id: ids[0] });

    expect(tokensAsked(sandbox)).toBe(2);
  });

  test('is taken with its lifetime in a string', async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    const issued = await issueWithLifetime(sandbox, '3600');
    sandbox.setFault(({ kind }) => (kind === 'auth' ? issued : undefined));

    expect((await execute(VideoDocument, { id: ids[0] ?? '' })).video).toMatchObject({ id: ids[0] });

    expect(tokensAsked(sandbox)).toBe(1);
  });

  test('is used for a second if its lifetime is next to nothing', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(100);
    await using started = await startTestGateway({ videos });
    const { sandbox, execute } = started;
    const issued = await issueWithLifetime(sandbox, 1e-9);
    sandbox.setFault(({ kind }) => (kind === 'auth' ? issued : undefined));
    const before = rememberStates(sandbox, ids);
    const beganAt = performance.now();

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    const seconds = (performance.now() - beganAt) / 1000;
    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(tokensAsked(sandbox)).toBeLessThanOrEqual(2 + 1.2 * seconds);
  });
});

test('stops sending writes that upstream answers 401 whatever the token, and sends them once it accepts them', {
  timeout: SLOW,
}, async () => {
  const { videos, ids } = createVideos(150);
  await using started = await startTestGateway({ videos, limits: null, env: { UPSTREAM_CONCURRENCY: '10' } });
  const { sandbox, execute } = started;
  sandbox.setFault((request) =>
    isOf(request, ids, 'DELETE') ? { kind: 'answer', acts: false, status: 401 } : undefined,
  );
  const before = rememberStates(sandbox, ids);
  const options = { ifPermanent: 'ALLOW' } as const;

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options });

  expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAUTHORIZED'));
  expect(tokensAsked(sandbox)).toBeLessThanOrEqual(6);
  expect(sandbox.requests.filter(({ method }) => method === 'DELETE').length).toBeLessThanOrEqual(60);

  // Reads go on meanwhile.
  expect((await execute(VideoDocument, { id: ids[0] ?? '' })).video).toMatchObject({ id: ids[0] });
  sandbox.setFault(undefined);
  const [first = ''] = ids;
  const mendedAt = performance.now();
  await eventually(async () => {
    const { deleteVideos: again } = await execute(DeleteVideosDocument, { ids: [first], options });
    expect(again?.results[0]?.__typename).toBe('VideoRemoved');
  });
  expect(performance.now() - mendedAt).toBeLessThan(10_000);
});
