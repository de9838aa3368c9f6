// NOT_ATTEMPTED says which of its reasons it was, and when to try again if that is known; the audit has the reason too.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { FAILURES, toFailureText } from '../../src/failure-messages.ts';
import { type NotAttemptedReason, notAttempted } from '../../src/removal/outcomes.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { always, countEach, inTurn } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/test-gateway.ts';

const RESULTS = `results { __typename videoId ... on VideoFailure { code message retryable retryAfterSeconds } }
  summary { requested succeeded failed retryAfterSeconds }`;
const DELETE = `mutation ($ids: [ID!]!, $options: DeleteVideosOptions) {
  payload: deleteVideos(ids: $ids, options: $options) { ${RESULTS} } }`;
const RESTORE = `mutation ($ids: [ID!]!, $options: RestoreVideosOptions) {
  payload: restoreVideos(ids: $ids, options: $options) { ${RESULTS} } }`;

const answer = z.object({
  payload: z.object({
    results: z.array(
      z.object({
        __typename: z.string(),
        videoId: z.string(),
        code: z.string().optional(),
        message: z.string().optional(),
        retryable: z.boolean().optional(),
        retryAfterSeconds: z.number().nullish(),
      }),
    ),
    summary: z.object({
      requested: z.number(),
      succeeded: z.number(),
      failed: z.number(),
      retryAfterSeconds: z.number().nullable(),
    }),
  }),
});

async function act({ post }: TestGateway, query: string, ids: readonly string[], options: object = {}) {
  const { data } = await post({ query, variables: { ids, options } });
  return answer.parse(data).payload;
}

/** A gateway that may delete at once, and its audit. */
async function start(options: TestGatewayOptions) {
  const log = captureLog('info');
  const started = await startTestGateway({
    logger: log.logger,
    ...options,
    env: { VIDEO_RESTORE: 'on', ...options.env },
  });
  const reasons = () =>
    log.lines.filter(({ outcome }) => outcome === 'NOT_ATTEMPTED').map(({ reason }) => reason);
  return { ...started, reasons };
}

const UNCHANGED = 'This call did not change this video: ';

test('an undo of many names the wait of each video that the rate limit kept back, and the longest in the summary', async () => {
  const { videos, ids } = createVideos(15);
  await using started = await start({ videos, limits: { reads: 500, writes: 20 } });

  const deleted = await act(started, DELETE, ids);
  const { results, summary } = await act(started, RESTORE, ids, { waitSeconds: 5 });

  expect(deleted.summary).toEqual({ requested: 15, succeeded: 15, failed: 0, retryAfterSeconds: null });
  const late = results.filter(({ code }) => code === 'NOT_ATTEMPTED');
  expect(late.length).toBeGreaterThanOrEqual(10);
  expect(summary).toMatchObject({ requested: 15, failed: late.length });
  for (const { message, retryable, retryAfterSeconds } of late) {
    expect(retryable).toBe(true);
    expect(retryAfterSeconds).toBeGreaterThan(5);
    expect(retryAfterSeconds).toBeLessThanOrEqual(62);
    expect(message).toBe(
      `${UNCHANGED}api.video's rate limit is used up, and waitSeconds ends before it is reset. Retry in ${retryAfterSeconds} seconds.`,
    );
  }
  expect(summary.retryAfterSeconds).toBe(
    Math.max(...late.map(({ retryAfterSeconds }) => retryAfterSeconds ?? 0)),
  );
  expect(started.reasons()).toEqual(late.map(() => 'rateLimit'));
});

test('a write whose turn does not come in time is told from one that the rate limit keeps back', async () => {
  const { videos, ids } = createRemovedVideos(2);
  await using started = await start({ videos, dialect: 'removed', env: { UPSTREAM_CONCURRENCY: '1' } });
  const [first = '', second = ''] = ids;
  started.sandbox.setFault(always([first], 'PATCH', { kind: 'delay', ms: 5_000 }));

  const { results, summary } = await act(started, RESTORE, ids, { waitSeconds: 0 });

  expect(results).toEqual([
    { __typename: 'VideoRestored', videoId: first },
    {
      __typename: 'VideoFailure',
      videoId: second,
      code: 'NOT_ATTEMPTED',
      message: `${UNCHANGED}waitSeconds was over before its turn came. Retry, or pass a longer waitSeconds.`,
      retryable: true,
      retryAfterSeconds: null,
    },
  ]);
  expect(summary.retryAfterSeconds).toBeNull();
  expect(started.reasons()).toEqual(['turn']);
});

test('a deletion that waits for the proof of an earlier one says so', async () => {
  const { videos, ids } = createVideos(2);
  await using started = await start({ videos });
  const { sandbox } = started;
  let isDeleted = false;
  sandbox.setFault(({ method }) => {
    isDeleted ||= method === 'DELETE';
    return method === 'GET' && isDeleted ? { kind: 'delay', ms: 5_000 } : undefined;
  });

  const { results } = await act(started, DELETE, ids, { waitSeconds: 0 });

  expect(results).toMatchObject([{ __typename: 'VideoRemoved' }, { code: 'NOT_ATTEMPTED' }]);
  expect(results[1]?.message).toBe(
    `${UNCHANGED}the gateway deletes it only once it has seen that deletions can be restored, and waitSeconds was over before that. Retry.`,
  );
  expect(started.reasons()).toEqual(['proof']);
  expect(countEach(sandbox, ids, 'DELETE')).toEqual([1, 0]);
});

test.each([
  ['deletion', DELETE],
  ['restore', RESTORE],
])('a %s that waits for another call on the video says so', async (_name, query) => {
  const { videos, ids } = createVideos(1);
  await using started = await start({ videos });
  const { sandbox } = started;
  sandbox.setFault(always(ids, 'DELETE', { kind: 'delay', ms: 2_000 }));
  const first = act(started, DELETE, ids);
  await eventually(() => expect(countEach(sandbox, ids, 'DELETE')).toEqual([1]));

  const { results } = await act(started, query, ids, { waitSeconds: 0 });

  expect(results[0]?.message).toBe(
    `${UNCHANGED}another call was still working on it when waitSeconds was over. Retry.`,
  );
  expect(started.reasons()).toEqual(['otherCall']);
  expect((await first).results.map(({ __typename }) => __typename)).toEqual(['VideoRemoved']);
});

test.each([
  ['deletions', DELETE, createVideos, 'DELETE'],
  ['restores', RESTORE, createRemovedVideos, 'PATCH'],
] as const)('%s that a stopping gateway does not send say so', async (_name, query, create, method) => {
  const { videos, ids } = create(20);
  await using started = await start({ videos, latencyMs: 100 });
  const { sandbox, gateway } = started;
  const sent = () => countEach(sandbox, ids, method).reduce((sum, count) => sum + count);
  const answering = act(started, query, ids);
  await eventually(() => expect(sent()).toBeGreaterThan(0));
  gateway.drain();

  const { results } = await answering;

  const late = results.filter(({ code }) => code === 'NOT_ATTEMPTED');
  expect(late.length).toBeGreaterThan(0);
  expect(new Set(late.map(({ message }) => message))).toEqual(
    new Set([`${UNCHANGED}the gateway is stopping. Retry in a few seconds.`]),
  );
  expect(started.reasons()).toEqual(late.map(() => 'stopping'));
});

test('the audit of a call whose client has left says so', async () => {
  const { videos, ids } = createVideos(20);
  await using started = await start({ videos, latencyMs: 100 });
  const { sandbox, post } = started;
  const client = new AbortController();
  const sent = () => countEach(sandbox, ids, 'DELETE').reduce((sum, count) => sum + count);
  const answering = post({ query: DELETE, variables: { ids } }, { signal: client.signal }).catch(() => {});
  await eventually(() => expect(sent()).toBeGreaterThan(0));
  client.abort();
  await answering;

  await eventually(() => expect(started.reasons().length).toBe(20 - sent()));
  expect(new Set(started.reasons())).toEqual(new Set(['clientGone']));
});

test('an outcome that the rate limit for reads leaves unknown says when the reads go on', async () => {
  const { videos, ids } = createVideos(1);
  await using started = await start({ videos, limits: { reads: 50, writes: 50 } });
  const { sandbox } = started;
  sandbox.setFault((request) => {
    if (request.method === 'DELETE') sandbox.spend('reads', 50);
    return undefined;
  });

  const { results, summary } = await act(started, DELETE, ids, { waitSeconds: 0 });

  const [{ code, message, retryAfterSeconds } = {}] = results;
  expect([code, countEach(sandbox, ids, 'DELETE')]).toEqual(['OUTCOME_UNKNOWN', [1]]);
  expect(retryAfterSeconds).toBeGreaterThan(10);
  expect(retryAfterSeconds).toBeLessThanOrEqual(62);
  expect(message).toMatch(new RegExp(` Retry in ${retryAfterSeconds} seconds\\.$`));
  expect(summary.retryAfterSeconds).toBe(retryAfterSeconds);
});

test('a lost restore that the rate limit does not let repeat says when it may be', async () => {
  const { videos, ids } = createRemovedVideos(1);
  await using started = await start({ videos, limits: { reads: 50, writes: 50 } });
  const { sandbox } = started;
  const lost = inTurn(ids, 'PATCH', [{ kind: 'reset', acts: false }]);
  sandbox.setFault((request) => {
    if (request.method === 'PATCH') sandbox.spend('writes', 50);
    return lost(request);
  });

  const { results } = await act(started, RESTORE, ids, { waitSeconds: 5 });

  expect(results).toMatchObject([{ code: 'OUTCOME_UNKNOWN', retryable: true }]);
  expect(results[0]?.retryAfterSeconds).toBeGreaterThan(5);
});

test.each<NotAttemptedReason>([
  'rateLimit',
  'turn',
  'proof',
  'look',
  'otherCall',
  'earlierDeletion',
  'clientGone',
  'withdrawn',
  'stopping',
  'log',
  'fault',
])('the text of %s says what happened and what to do', (reason) => {
  const { message, retryable } = toFailureText(notAttempted(reason));

  expect(retryable).toBe(true);
  expect(message).toMatch(/^This call did not change this video: [^:]+\. Retry\b[^:]*\.$/);
});

test('a wait of a second is no plural, and a failure that no retry mends names none', () => {
  expect(toFailureText(notAttempted('rateLimit', 1)).message).toMatch(/ Retry in 1 second\.$/);
  expect(toFailureText({ kind: 'failed', code: 'DESTROYED', retryAfterSeconds: 9 }).message).toBe(
    FAILURES.DESTROYED.happened,
  );
});
