import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/server.ts';
import { DeleteVideosDocument, RestoreVideosDocument } from '../generated/test-documents.ts';
import { assertTrue, rememberStates } from '../support/assert-true.ts';
import { DIALECTS, isOf } from '../support/plan-faults.ts';
import { startTestGateway } from '../support/test-gateway.ts';
import { createVideos } from '../support/videos.ts';

const TIMEOUT_MS = 500;
const FAULT_RATE = 0.25;
const COUNT = 300;

/** Mulberry32: small, and the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

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

describe.each(DIALECTS)('a storm, in the %s dialect', { concurrent: true }, (dialect) => {
  test.each([
    { seed: 1, lagMs: 0 },
    { seed: 2, lagMs: 300 },
  ])(
    'leaves one true result for every video, and hardly any unknown (seed $seed, lag $lagMs ms)',
    { timeout: 240_000 },
    async ({ seed, lagMs }) => {
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
        // A 429 stops the whole class for a second or more, so that it has to be the rarest of all.
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

      for (const told of [deleted, restored]) {
        const unknown = told.filter((each) => each === 'OUTCOME_UNKNOWN').length;
        expect(unknown / told.length).toBeLessThan(0.05);
      }
      expect(ids.filter((id) => sandbox.state(id) === 'absent')).toEqual([]);
      expect(restored.filter((each) => each === 'VideoRestored').length).toBeGreaterThan(0.8 * COUNT);
    },
  );

  // Nothing lost is sent again there, so that more of it stays unknown; but nothing may be gone.
  test.each(['probe', 'on'])(
    'destroys nothing where a second DELETE would (VIDEO_RESTORE=%s)',
    { timeout: 240_000 },
    async (setting) => {
      const random = createRandom(3);
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
    },
  );
});
