import { describe, test } from 'vitest';
import { DIALECTS } from '../support/plan-faults.ts';
import { passDestroyingStorm, passStorm } from '../support/storm.ts';

const SLOW = 240_000;

// Two at a time: that much computing at once would look like an upstream that is slow, and open the circuit.
describe.each(DIALECTS)('a storm, in the %s dialect', (dialect) => {
  describe('that any second DELETE survives', () => {
    test.each([
      { seed: 1, lagMs: 0 },
      { seed: 2, lagMs: 300 },
    ])(
      'leaves one true result for every video, and hardly any unknown (seed $seed, lag $lagMs ms)',
      { timeout: SLOW },
      async ({ seed, lagMs }) => passStorm({ dialect, seed, lagMs }),
    );
  });

  describe('that a second DELETE makes worse', () => {
    test.each(['probe', 'on'])('destroys nothing (VIDEO_RESTORE=%s)', { timeout: SLOW }, async (setting) =>
      passDestroyingStorm({ dialect, seed: 3, setting }),
    );
  });
});
