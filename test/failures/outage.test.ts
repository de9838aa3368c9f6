// Row 18: upstream fails everybody for minutes; and row 19 beside it, one video that fails alone.
import { describe, expect, test } from 'vitest';
import type { Fault, Sandbox } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { captureLog } from '../support/capture-log.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { always, DIALECTS, inTurn } from '../support/plan-faults.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const CONCURRENCY = 10;
const env = {
  UPSTREAM_CONCURRENCY: String(CONCURRENCY),
  // Long enough that what upstream answers is there within it, on a machine however busy.
  UPSTREAM_TIMEOUT_MS: '1500',
  READ_CACHE_SECONDS: '0',
};

const UNAVAILABLE: Fault = { kind: 'answer', acts: false, status: 503, body: '<html>Unavailable</html>' };
const OUTAGES: [string, Fault][] = [
  ['answers 503', UNAVAILABLE],
  ['resets every connection', { kind: 'reset', acts: false }],
  ['answers nothing', { kind: 'hang', acts: false }],
];

/** Has it answer one query, so that the dialect and a token are there. */
async function warmUp({ post, sandbox }: TestGateway): Promise<void> {
  await post({ query: '{ videos(first: 60) { totalCount } removedVideos(first: 60) { totalCount } }' });
  sandbox.clearRequests();
}

/** Resolves when upstream has been found to be back: asks until a query is answered. */
async function untilBack({ post }: TestGateway): Promise<number> {
  for (let asked = 1; ; asked += 1) {
    const { errors } = await post({ query: '{ videos(first: 2) { totalCount } }' });
    if (errors.length === 0) return asked;
  }
}

const isProbe = ({ path, query }: Sandbox['requests'][number]) =>
  path === '/videos' && query.get('pageSize') === '1';

describe.each(OUTAGES)('an upstream that %s', (_name, fault) => {
  test('is sent few of the writes of a batch; the others are told so soon, and it is right', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createRemovedVideos(300);
    await using started = await startTestGateway({ videos, limits: null, env });
    const { sandbox, execute } = started;
    await warmUp(started);
    sandbox.setFault(() => fault);
    const before = rememberStates(sandbox, ids);

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids, options: { waitSeconds: 60 } });

    const told = assertTrue(sandbox, before, restoreVideos, { mayBeUnknown: ids });
    const writes = sandbox.requests.filter(({ kind }) => kind === 'write');
    expect(writes.length).toBeLessThanOrEqual(2 * CONCURRENCY);
    expect(told.filter((each) => each !== 'UPSTREAM_UNAVAILABLE').length).toBeLessThanOrEqual(writes.length);
    expect(new Set(told)).toEqual(new Set(['UPSTREAM_UNAVAILABLE', 'OUTCOME_UNKNOWN']));
    expect(sandbox.requests.length).toBeLessThan(100);
  });
});

describe.each(DIALECTS)('an outage, in the %s dialect', (dialect) => {
  test('costs a few requests however many queries come, and the queries no time', {
    timeout: SLOW,
  }, async () => {
    await using started = await startTestGateway({ dialect, limits: null, env });
    const { sandbox, post } = started;
    await warmUp(started);
    sandbox.setFault(() => UNAVAILABLE);

    const beganAt = performance.now();
    for (let count = 0; count < 100; count += 1) {
      const { errors } = await post({ query: `{ videos(first: ${(count % 50) + 1}) { totalCount } }` });
      expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    }
    const tookMs = performance.now() - beganAt;

    // Six until it is doubted, two for each probe, and no more than two probes a second.
    expect(sandbox.requests.length).toBeLessThanOrEqual(6 + 2 * (1 + Math.ceil(tookMs / 500)));
  });

  test('sends nothing of a deletion that comes in it, and answers at once', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(100);
    await using started = await startTestGateway({ dialect, videos, limits: null, env });
    const { sandbox, execute, post } = started;
    await warmUp(started);
    sandbox.setFault(() => UNAVAILABLE);
    for (let count = 0; count < 5; count += 1)
      await post({ query: `{ videos(first: ${count + 1}) { totalCount } }` });
    const before = rememberStates(sandbox, ids);
    sandbox.clearRequests();

    const refuse = await execute(DeleteVideosDocument, { ids });
    const allow = await execute(DeleteVideosDocument, { ids, options: { ifPermanent: 'ALLOW' } });
    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    for (const payload of [refuse.deleteVideos, allow.deleteVideos, restoreVideos]) {
      expect(assertTrue(sandbox, before, payload)).toEqual(ids.map(() => 'UPSTREAM_UNAVAILABLE'));
    }
    expect(sandbox.requests.filter(({ kind }) => kind === 'write')).toEqual([]);
    expect(sandbox.requests.filter((request) => !isProbe(request))).toEqual([]);
  });

  test('leaves nothing unknown that was sent just before, where it is over soon', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(30);
    await using started = await startTestGateway({ dialect, videos, limits: null, env });
    const { sandbox, execute } = started;
    await warmUp(started);
    const before = rememberStates(sandbox, ids);
    let writes = 0;
    let probes = 0;
    // From the first deletion on, until the second probe has failed.
    sandbox.setFault((request) => {
      if (request.kind === 'write') writes += 1;
      if (writes === 0 || probes === 4) return undefined;
      if (isProbe(request)) probes += 1;
      return { kind: 'answer', acts: true, status: 502 };
    });

    const { deleteVideos } = await execute(DeleteVideosDocument, {
      ids,
      options: { ifPermanent: 'ALLOW', waitSeconds: 60 },
    });

    expect(probes).toBe(4);
    const told = assertTrue(sandbox, before, deleteVideos);
    expect(told.filter((each) => each === 'VideoRemoved').length).toBeGreaterThanOrEqual(5);
    expect(told.filter((each) => each !== 'VideoRemoved' && each !== 'UPSTREAM_UNAVAILABLE')).toEqual([]);
  });
});

test('comes back without a spike: one probe, then a few, then all', { timeout: SLOW }, async () => {
  const { videos, ids } = createRemovedVideos(100);
  const log = captureLog('info');
  await using started = await startTestGateway({
    videos,
    limits: null,
    latencyMs: 40,
    env,
    logger: log.logger,
  });
  const { sandbox, execute, post } = started;
  await warmUp(started);
  sandbox.setFault(() => UNAVAILABLE);
  for (let count = 0; count < 6; count += 1)
    await post({ query: `{ videos(first: ${count + 1}) { totalCount } }` });
  sandbox.setFault(undefined);
  await untilBack(started);
  sandbox.clearRequests();
  const before = rememberStates(sandbox, ids);

  const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

  expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
  const arrivals = sandbox.requests.map(({ at }) => at);
  const [first = 0] = arrivals;
  // Within one answer's time no more than the first ones, and the one that a query has earned them.
  expect(arrivals.filter((at) => at < first + 30).length).toBeLessThanOrEqual(4);
  expect(sandbox.maxInFlight).toBe(CONCURRENCY);
  const told = log.lines
    .filter(({ msg }) => msg.startsWith('api.video'))
    .map(({ level, msg }) => [level, msg]);
  expect(told).toEqual([
    [40, 'api.video fails every request, so the gateway refuses callers until a read succeeds'],
    [30, 'api.video answers again'],
  ]);
});

test('is noticed at once where no token can be had either', { timeout: SLOW }, async () => {
  await using started = await startTestGateway({ limits: null, env });
  const { sandbox, post } = started;
  sandbox.setFault(() => UNAVAILABLE);

  for (let count = 0; count < 40; count += 1) await post({ query: '{ videos { totalCount } }' });
  const during = sandbox.requests.length;
  sandbox.setFault(undefined);
  await untilBack(started);

  expect(during).toBeLessThan(20);
});

// One after the other: a write waits a second for a probe, and that much computing at once takes longer.
describe('one video that always fails', { concurrent: false }, () => {
  test.each(DIALECTS)(
    'fails alone, and nothing is held back for it (%s)',
    { timeout: SLOW },
    async (dialect) => {
      const { videos, ids } = createVideos(20);
      const [broken = '', ...others] = ids;
      await using started = await startTestGateway({ dialect, videos, limits: null, env });
      const { sandbox, execute, post } = started;
      await warmUp(started);
      sandbox.setFault(always([broken], undefined, { kind: 'answer', acts: false, status: 500 }));
      const before = rememberStates(sandbox, ids);

      for (let count = 0; count < 10; count += 1)
        await post({ query: `{ video(id: "${broken}") { title } }` });
      const { deleteVideos } = await execute(DeleteVideosDocument, { ids: [...others, broken] });

      const told = assertTrue(sandbox, before, reorder(deleteVideos, ids), { mayBeUnknown: [broken] });
      expect(told).toEqual(['OUTCOME_UNKNOWN', ...others.map(() => 'VideoRemoved')]);
      expect(sandbox.requests.filter(isProbe).filter(({ kind }) => kind === 'read')).toEqual([]);
    },
  );

  test('five of them raise a doubt that one probe settles, and the others finish', {
    timeout: SLOW,
  }, async () => {
    const { videos, ids } = createVideos(40);
    const broken = ids.slice(10, 20);
    await using started = await startTestGateway({ videos, limits: null, env });
    const { sandbox, execute } = started;
    await warmUp(started);
    sandbox.setFault(inTurn(broken, 'DELETE', Array(3).fill(UNAVAILABLE)));
    const before = rememberStates(sandbox, ids);

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    const told = assertTrue(sandbox, before, deleteVideos);
    expect(told).toEqual(ids.map((id) => (broken.includes(id) ? 'UPSTREAM_UNAVAILABLE' : 'VideoRemoved')));
  });
});

type Payload = Parameters<typeof assertTrue>[2];

/** The same answer, its results in the order of these ids. */
function reorder(payload: Payload, ids: readonly string[]): Payload {
  return (
    payload && {
      ...payload,
      results: payload.results.toSorted((a, b) => ids.indexOf(a.videoId) - ids.indexOf(b.videoId)),
    }
  );
}
