// The storms of every test run, with other seeds and many of them: `npm run test:long`.
import { describe, test } from 'vitest';
import { DIALECTS } from '../support/plan-faults.ts';
import { passDestroyingStorm, passStorm } from '../support/storm.ts';

const SLOW = 240_000;
const SEEDS = Array.from({ length: 8 }, (_, index) => 100 + index);
const SETTINGS = ['probe', 'on'] as const;

describe.each(DIALECTS)('storms, in the %s dialect', (dialect) => {
  test.each(SEEDS.map((seed) => ({ seed, lagMs: (seed % 4) * 150 })))(
    'leave one true result for every video, and hardly any unknown (seed $seed, lag $lagMs ms)',
    { timeout: SLOW },
    async ({ seed, lagMs }) => passStorm({ dialect, seed, lagMs }),
  );

  test.each(SEEDS.flatMap((seed) => SETTINGS.map((setting) => ({ seed, setting }))))(
    'destroy nothing where a second DELETE would (VIDEO_RESTORE=$setting, seed $seed)',
    { timeout: SLOW },
    async ({ seed, setting }) => passDestroyingStorm({ dialect, seed, setting }),
  );
});
