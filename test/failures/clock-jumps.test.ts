// Row 35: the clock of the machine jumps, as at the end of a suspend or when it is set. Upstream's own does not.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { createRemovedVideos, createVideos } from '../support/create-videos.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const SLOW = 60_000;
const HOUR_MS = 3_600_000;
const WINDOW_MS = 3_000;

describe.each([
  ['forward', 2 * HOUR_MS],
  ['back', -2 * HOUR_MS],
])('a clock that jumps two hours %s', { concurrent: false }, (_name, jumpMs) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const jump = () => vi.setSystemTime(Date.now() + jumpMs);
  const upstreamNow = () => performance.timeOrigin + performance.now();

  test('in the middle of a wait for the budget neither ends nor prolongs it', { timeout: SLOW }, async () => {
    const { videos, ids } = createRemovedVideos(8);
    await using started = await startTestGateway({
      videos,
      now: upstreamNow,
      limits: { reads: 500, writes: 5 },
      windowMs: WINDOW_MS,
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);
    let writes = 0;
    sandbox.setFault(({ kind }) => {
      if (kind === 'write') writes += 1;
      if (writes === 5) jump();
      return undefined;
    });
    const beganAt = performance.now();

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids });

    expect(assertTrue(sandbox, before, restoreVideos)).toEqual(ids.map(() => 'VideoRestored'));
    expect(sandbox.requests.filter(({ status }) => status === 429)).toEqual([]);
    // A second for the header's rounding, one for that it was to be early once.
    expect(performance.now() - beganAt).toBeLessThan(WINDOW_MS + 3_000);
  });

  test('does not end a call early, nor let one wait that asked not to', { timeout: SLOW }, async () => {
    const { videos, ids } = createRemovedVideos(8);
    await using started = await startTestGateway({
      videos,
      now: upstreamNow,
      limits: { reads: 500, writes: 5 },
    });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);
    sandbox.setFault(({ kind }) => {
      if (kind === 'write') jump();
      return undefined;
    });
    const beganAt = performance.now();

    const { restoreVideos } = await execute(RestoreVideosDocument, { ids, options: { waitSeconds: 2 } });

    const told = assertTrue(sandbox, before, restoreVideos);
    expect(told.filter((each) => each === 'VideoRestored')).toHaveLength(5);
    expect(told.filter((each) => each === 'NOT_ATTEMPTED')).toHaveLength(3);
    expect(performance.now() - beganAt).toBeLessThan(5_000);
  });

  test('changes neither what is proved nor the token', { timeout: SLOW }, async () => {
    const { videos, ids } = createVideos(20);
    await using started = await startTestGateway({ videos, now: upstreamNow });
    const { sandbox, execute } = started;
    const before = rememberStates(sandbox, ids);
    let deletions = 0;
    sandbox.setFault(({ method }) => {
      if (method === 'DELETE') deletions += 1;
      // In the middle of the probe, and again in the middle of the batch.
      if (method === 'DELETE' && (deletions === 1 || deletions === 8)) jump();
      return undefined;
    });

    const { deleteVideos } = await execute(DeleteVideosDocument, { ids });

    expect(assertTrue(sandbox, before, deleteVideos)).toEqual(ids.map(() => 'VideoRemoved'));
    expect(deleteVideos?.results).toMatchObject(ids.map(() => ({ alreadyRemoved: false })));
    expect(sandbox.requests.filter(({ kind }) => kind === 'auth')).toHaveLength(1);
  });
});
