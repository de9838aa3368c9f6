// AUTH=passthrough where the budget of the token's project is spent: the read that shows whose token it is waits for it,
// and no longer than its caller.
import { expect, test } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 30_000;
const LIST = { query: '{ videos { totalCount } }' };
const VIEWER = { query: '{ viewer { canRead } }' };

async function start(options: SandboxOptions = {}) {
  const started = await startTestGateway({
    dialect: 'removed',
    ...createVideos(3),
    limits: { reads: 5, writes: 5 },
    ...options,
    env: { APIVIDEO_API_KEY: '', AUTH: 'passthrough', VIDEO_RESTORE: 'on', APIVIDEO_DIALECT: 'removed' },
  });
  const { sandbox, post } = started;
  const token = async (): Promise<string> => {
    const response = await fetch(`${sandbox.url}/auth/api-key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiKey: 'sandbox-key' }),
    });
    sandbox.clearRequests();
    return `Bearer ${Object(await response.json()).access_token}`;
  };
  const ask = (authorization: string, body: unknown, signal?: AbortSignal) =>
    post(body, {
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization },
      ...(signal && { signal }),
    });
  /** What upstream answered to the reads that were to show whose token this is. */
  const tries = (authorization: string) =>
    sandbox.requests
      .filter(
        ({ headers, query }) => headers.authorization === authorization && query.get('pageSize') === '1',
      )
      .map(({ status }) => status);
  return { ...started, token, ask, tries };
}

test('waits for the next window and is answered then, one read for all that come meanwhile', {
  timeout: SLOW,
}, async () => {
  await using started = await start({ windowMs: 2_000 });
  const { sandbox, token, ask, tries } = started;
  const bearer = await token();
  sandbox.spend('reads', 5);

  const first = ask(bearer, LIST);
  await eventually(() => expect(tries(bearer)).toEqual([429]));
  const answers = await Promise.all([first, ...Array.from({ length: 5 }, () => ask(bearer, LIST))]);

  for (const { status, data, errors } of answers)
    expect({ status, data, errors }).toEqual({
      status: 200,
      data: { videos: { totalCount: 3 } },
      errors: [],
    });
  expect(tries(bearer)).toEqual([429, 200]);
});

test('ends at once where the next window is beyond the wait, and asks upstream no more before it', async () => {
  await using started = await start({ windowMs: 50_000 });
  const { sandbox, token, ask, tries } = started;
  const bearer = await token();
  sandbox.spend('reads', 5);
  const beganAt = performance.now();

  const answers = [await ask(bearer, LIST), await ask(bearer, VIEWER)];

  expect(performance.now() - beganAt).toBeLessThan(10_000);
  for (const { errors } of answers) {
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_BUDGET_EXHAUSTED']);
    const seconds = Number(errors[0]?.extensions?.retryAfterSeconds);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThanOrEqual(50);
  }
  expect(tries(bearer)).toEqual([429]);
});

test('sends nothing for a client who leaves during the wait, and goes on for the others', {
  timeout: SLOW,
}, async () => {
  await using started = await start({ windowMs: 2_000 });
  const { sandbox, token, ask, tries } = started;
  const [leaving, staying] = [await token(), await token()];
  sandbox.spend('reads', 5);
  const client = new AbortController();

  const left = ask(leaving, LIST, client.signal).then(
    () => 'answered',
    () => 'left',
  );
  const answer = ask(staying, LIST);
  await eventually(() => expect([tries(leaving), tries(staying)]).toEqual([[429], [429]]));
  client.abort();

  expect(await left).toBe('left');
  expect((await answer).data).toEqual({ videos: { totalCount: 3 } });
  expect([tries(leaving), tries(staying)]).toEqual([[429], [429, 200]]);
});

test('waits a while of its own where upstream does not say how long', { timeout: SLOW }, async () => {
  await using started = await start();
  const { sandbox, token, ask, tries } = started;
  const bearer = await token();
  sandbox.setFault(({ headers }) =>
    headers.authorization === bearer && tries(bearer).length === 1
      ? { kind: 'answer', acts: false, status: 429 }
      : undefined,
  );
  const beganAt = performance.now();

  const { data } = await ask(bearer, LIST);

  expect(data).toEqual({ videos: { totalCount: 3 } });
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(1_000);
  expect(tries(bearer)).toEqual([429, 200]);
});
