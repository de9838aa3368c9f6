// A storm: a quarter of all requests on some videos fail, each in one of many ways, reproducibly by seed. The expectations
// are here too, because long and short storms share them.
import { expect } from 'vitest';
import type { Dialect, Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from './assert-true.ts';
import { createVideos } from './create-videos.ts';
import { isOf } from './plan-faults.ts';
import { createRandom } from './random.ts';
import { startTestGateway } from './test-gateway.ts';

/** Long enough that even a busy machine answers in time, unless a fault prevents it. */
const TIMEOUT_MS = 1_500;
const FAULT_RATE = 0.25;
const COUNT = 300;

const FAULTS: readonly Fault[] = [
  { kind: 'reset', acts: true },
  { kind: 'reset', acts: false },
  { kind: 'hang', acts: true },
  { kind: 'hang', acts: false },
  { kind: 'hang', acts: true, actsAfterMs: TIMEOUT_MS + 200 },
  { kind: 'delay', ms: 150 },
  { kind: 'answer', acts: true, status: 502, body: '<html>Bad gateway</html>' },
  { kind: 'answer', acts: false, status: 500, body: '{"status":500}' },
  { kind: 'answer', acts: false, status: 429 },
  { kind: 'answer', acts: false, status: 404, body: '<html>Not here</html>' },
  {
    kind: 'answer',
    acts: true,
    status: 200,
    headers: { 'Content-Type': 'text/html' },
    body: '<html></html>',
  },
  { kind: 'truncate' },
  { kind: 'drip', everyMs: 20 },
  { kind: 'headers', headers: { 'X-RateLimit-Remaining': undefined, Date: undefined } },
];

/** Expects one true result for every video, and few unknown ones. */
export async function passStorm(options: { dialect: Dialect; seed: number; lagMs: number }): Promise<void> {
  const { dialect, seed, lagMs } = options;
  const random = createRandom(seed);
  const { videos, ids } = createVideos(COUNT);
  await using started = await startTestGateway({
    dialect,
    videos,
    lagMs,
    limits: null,
    env: { UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS) },
  });
  const { sandbox, execute } = started;
  sandbox.setFault((request) => {
    // A 429 stops the whole class for a second or more, so it must be the rarest fault.
    if (!isOf(request, ids) || random() >= FAULT_RATE) return undefined;
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    const isLimit = fault?.kind === 'answer' && fault.status === 429;
    return isLimit && random() > 0.02 ? { kind: 'delay', ms: 50 } : fault;
  });
  const before = rememberStates(sandbox, ids);

  const { deleteVideos } = await execute(DeleteVideosDocument, { ids, options: { waitSeconds: 60 } });
  const deleted = assertTrue(sandbox, before, deleteVideos, { mayBeUnknown: ids });
  const between = rememberStates(sandbox, ids);
  const { restoreVideos } = await execute(RestoreVideosDocument, { ids, options: { waitSeconds: 60 } });
  const restored = assertTrue(sandbox, between, restoreVideos, { mayBeUnknown: ids });

  for (const results of [deleted, restored]) {
    const unknown = results.filter((each) => each === 'OUTCOME_UNKNOWN').length;
    expect(unknown / results.length).toBeLessThan(0.05);
  }
  expect(ids.filter((id) => sandbox.state(id) === 'absent')).toEqual([]);
  expect(restored.filter((each) => each === 'VideoRestored').length).toBeGreaterThan(0.8 * COUNT);
}

/**
 * Expects no video to be destroyed, although a second DELETE would destroy it. The gateway does not retry lost deletions
 * then, so more of them stay unknown.
 *
 * @param options - `setting`: the value of VIDEO_RESTORE.
 */
export async function passDestroyingStorm(options: {
  dialect: Dialect;
  seed: number;
  setting: string;
}): Promise<void> {
  const { dialect, seed, setting } = options;
  const random = createRandom(seed);
  const { videos, ids } = createVideos(100);
  await using started = await startTestGateway({
    dialect,
    videos,
    lagMs: 300,
    limits: null,
    secondDelete: 'destroys',
    env: { UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS), VIDEO_RESTORE: setting },
  });
  const { sandbox, execute } = started;
  sandbox.setFault((request) => {
    if (!isOf(request, ids) || random() >= FAULT_RATE) return undefined;
    const fault = FAULTS[Math.floor(random() * FAULTS.length)];
    const isLimit = fault?.kind === 'answer' && fault.status === 429;
    return isLimit ? { kind: 'delay', ms: 50 } : fault;
  });

  const halves = [ids.slice(0, 70), ids.slice(30)];
  const answers = await Promise.all(
    halves.map((each) => execute(DeleteVideosDocument, { ids: each, options: { waitSeconds: 30 } })),
  );

  expect(ids.filter((id) => sandbox.state(id) === 'absent')).toEqual([]);
  for (const { deleteVideos } of answers) {
    for (const result of deleteVideos?.results ?? []) {
      if (result.__typename === 'VideoRemoved') expect(sandbox.state(result.videoId)).toBe('removed');
    }
  }
}
