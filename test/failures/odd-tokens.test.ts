// Tokens that cannot be read, that hardly live, or that upstream refuses for writes: the gateway does not ask for one after
// the other.
import { describe, expect, test } from 'vitest';
import type { Fault, Sandbox } from '../../src/sandbox/server.ts';
import { createApiKeyCredentials } from '../../src/upstream/credentials.ts';
import { createConnections } from '../../src/upstream/transport.ts';
import { BudgetExhaustedError, CancelledError } from '../../src/upstream/upstream-errors.ts';
import { DeleteVideosDocument, VideoDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { isOf } from '../support/plan-faults.ts';
import { startSandbox } from '../support/sandbox.ts';
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

const NO_PROBLEM = JSON.stringify({ type: 'https://docs.api.video/reference/x', title: 'No.' });

describe('a token endpoint that answers without a token once the first token has expired', {
  concurrent: true,
}, () => {
  test.each<[string, number, Fault]>([
    ['a 429', 1, { kind: 'answer', acts: false, status: 429, headers: { 'Retry-After': '30' }, body: '{}' }],
    ...[404, 409, 422].map((status): [string, number, Fault] => [
      `a ${status} of upstream`,
      2,
      { kind: 'answer', acts: false, status, body: NO_PROBLEM },
    ]),
  ])(
    'with %s is asked %i times for 100 deletions, and the log has the reason once',
    {
      timeout: SLOW,
    },
    async (_name, times, fault) => {
      const { videos, ids } = createVideos(101);
      const [first = '', ...rest] = ids;
      const log = captureLog('warn');
      await using started = await startTestGateway({
        videos,
        tokenLifetimeSeconds: 1,
        logger: log.logger,
        env: { VIDEO_RESTORE: 'on' },
      });
      const { sandbox, execute } = started;
      await execute(DeleteVideosDocument, { ids: [first] });
      sandbox.revokeTokens();
      sandbox.setFault(({ kind }) => (kind === 'auth' ? fault : undefined));
      sandbox.clearRequests();
      const before = rememberStates(sandbox, rest);

      const { deleteVideos } = await execute(DeleteVideosDocument, {
        ids: rest,
        options: { waitSeconds: 3 },
      });

      expect(assertTrue(sandbox, before, deleteVideos)).toEqual(rest.map(() => 'UPSTREAM_UNAVAILABLE'));
      expect(tokensAsked(sandbox)).toBe(times);
      const reasons = log.lines.flatMap(({ reason }) => reason ?? []);
      const status = fault.kind === 'answer' ? fault.status : undefined;
      expect(reasons).toEqual([
        expect.stringMatching(`^could not get an access token: upstream answered ${status} `),
      ]);
      expect(log.text()).not.toContain('sandbox-key');
    },
  );
});

test.each<[string, Fault, RegExp]>([
  ['no token', tokenAnswer({ access_token: '', expires_in: 3600 }), /expected an access token/],
  ['no answer', { kind: 'reset', acts: false }, /the answer was lost/],
  ['the 407 of a proxy', { kind: 'answer', acts: false, status: 407 }, /a proxy asks for credentials/],
])('logs once why no token can be got, if mutations alone need one: %s', async (_name, fault, reason) => {
  const { videos, ids } = createVideos(3);
  const log = captureLog('warn');
  await using started = await startTestGateway({
    videos,
    logger: log.logger,
    env: { VIDEO_RESTORE: 'on' },
  });
  const { sandbox, execute } = started;
  sandbox.setFault(({ kind }) => (kind === 'auth' ? fault : undefined));

  await execute(DeleteVideosDocument, { ids });

  const lines = log.lines.filter(({ msg }) => msg === 'A request did not reach api.video');
  expect(lines.map((line) => line.reason)).toEqual([expect.stringMatching(reason)]);
});

test('holds a 429 for its Retry-After, and then asks again', { timeout: SLOW }, async () => {
  const { videos, ids } = createVideos(1);
  await using started = await startTestGateway({ videos });
  const { sandbox, post } = started;
  const limited: Fault = { kind: 'answer', acts: false, status: 429, headers: { 'Retry-After': '7' } };
  sandbox.setFault(({ kind }) => (kind === 'auth' ? limited : undefined));
  const read = () => post({ query: `{ video(id: "${ids[0]}") { id } }` });
  await read();
  sandbox.setFault(undefined);
  const limitedAt = performance.now();

  await eventually(async () => expect((await read()).data).toEqual({ video: { id: ids[0] } }));

  expect(performance.now() - limitedAt).toBeGreaterThan(6_000);
  expect(tokensAsked(sandbox)).toBe(2);
});

describe('a token endpoint that hangs', { concurrent: true }, () => {
  test('is waited for until the deadline of each caller, or its departure, and one renewal serves the others', {
    timeout: SLOW,
  }, async () => {
    await using sandbox = await startSandbox();
    sandbox.setFault(({ kind }) => (kind === 'auth' ? { kind: 'delay', ms: 5_000 } : undefined));
    const connections = createConnections({
      baseUrl: new URL(sandbox.url),
      connections: 5,
      timeoutMs: 10_000,
    });
    const credentials = createApiKeyCredentials(connections.share(5), 'sandbox-key');
    const client = new AbortController();
    const now = performance.now();

    const patient = credentials.authorization({ deadline: now + 20_000 });
    const leaving = credentials.authorization({ deadline: now + 20_000, signal: client.signal });
    const impatient = Array.from({ length: 50 }, () => credentials.authorization({ deadline: now + 2_500 }));
    client.abort();

    await expect(leaving).rejects.toThrow(CancelledError);
    for (const each of await Promise.allSettled(impatient))
      expect(each).toMatchObject({ reason: expect.any(BudgetExhaustedError) });
    expect(performance.now() - now).toBeLessThan(4_500);
    expect(await patient).toMatch(/^Bearer /);
    expect(tokensAsked(sandbox)).toBe(1);
    await connections.close();
  });

  test('leaves a deletion that must not wait a moment for its token', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(1);
    await using started = await startTestGateway({ videos, env: { VIDEO_RESTORE: 'on' } });
    const { sandbox, execute } = started;
    sandbox.setFault(({ kind }) => (kind === 'auth' ? { kind: 'delay', ms: 300 } : undefined));

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 0 } });

    expect(deleteVideos?.results).toMatchObject([{ __typename: 'VideoRemoved' }]);
  });
});

test('stops sending writes that upstream answers 401 even if it always issues the same token', {
  timeout: SLOW,
}, async () => {
  const { videos, ids } = createVideos(100);
  await using started = await startTestGateway({ videos, limits: null, env: { VIDEO_RESTORE: 'on' } });
  const { sandbox, execute } = started;
  const same = await issueWithLifetime(sandbox, 3600);
  sandbox.setFault((request) => {
    if (request.kind === 'auth') return same;
    return isOf(request, ids, 'DELETE') ? { kind: 'answer', acts: false, status: 401 } : undefined;
  });
  const before = rememberStates(sandbox, ids);

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

  expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'UPSTREAM_UNAUTHORIZED'));
  const deletions = sandbox.requests.filter(({ method }) => method === 'DELETE').length;
  expect(deletions).toBeLessThanOrEqual(60);
  expect(tokensAsked(sandbox)).toBeLessThanOrEqual(30);
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
