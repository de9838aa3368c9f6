// Rate limits told in other forms than documented: 300 deletions at 60 a window. What counts is how often upstream had to
// answer 429.
import { expect, test } from 'vitest';
import { DeleteVideosLeanDocument } from '../generated/test-documents.ts';
import { type Altered, startAlteringProxy } from '../support/altering-proxy.ts';
import { simulateBudget } from '../support/budget-simulation.ts';
import { createVideos } from '../support/create-videos.ts';
import type { Told } from '../support/simulated-upstream.ts';
import { startTestGateway } from '../support/test-gateway.ts';

type Alter = (told: Told, status: number, now: number) => Altered;

const LIMIT = 'x-ratelimit-limit';
const REMAINING = 'x-ratelimit-remaining';
const RESET = 'x-ratelimit-retry-after';

/** The three headers with each value changed; `changes` replaces single ones. */
const each =
  (change: (value: string) => string | string[] = (value) => value, changes: Alter = () => ({})): Alter =>
  (told, status, now) => ({
    [LIMIT]: change(told.limit),
    [REMAINING]: change(told.remaining),
    [RESET]: change(told.reset),
    ...changes(told, status, now),
  });
const but = (changes: Altered | Alter): Alter =>
  each(undefined, typeof changes === 'function' ? changes : () => changes);
const toReset = ({ reset }: Told, now: number) => Math.floor(now / 1000) * 1000 + Number(reset) * 1000;

/** With the most 429s that may come of it. */
const FORMS: readonly [string, Alter, number][] = [
  ['as documented', each(), 0],
  ['with decimals', each((value) => `${value}.0`), 0],
  ['with a fraction', each((value) => `${value}.7`), 5],
  ['in two headers', each((value) => [value, value]), 0],
  ['joined by a proxy', each((value) => `${value},${value}`), 0],
  ['with blanks', each((value) => `\t ${value}  `), 0],
  ['with an exponent', each((value) => `${value}e0`), 0],
  ['with parameters', each((value) => `${value};w=60`), 0],
  ['with a limit of -1', but({ [LIMIT]: '-1' }), 0],
  ['with a limit of 0', but({ [LIMIT]: '0' }), 0],
  ['with a limit of 10', but({ [LIMIT]: '10' }), 0],
  ['with -1 remaining', but({ [REMAINING]: '-1' }), 5],
  ['with more remaining than the limit', but({ [REMAINING]: '9999' }), 5],
  ['with a reset of -1', but({ [RESET]: '-1' }), 30],
  ['with a reset of 0', but({ [RESET]: '0' }), 30],
  ['with a reset of 1', but({ [RESET]: '1' }), 30],
  ['with a reset of 3600', but({ [RESET]: '3600' }), 0],
  ['with -1 for all', each(() => '-1'), 35],
  ['without the limit', but({ [LIMIT]: undefined }), 0],
  ['without what remains', but({ [REMAINING]: undefined }), 5],
  ['without the reset', but({ [RESET]: undefined }), 30],
  ['as a limit alone', but({ [REMAINING]: undefined, [RESET]: undefined }), 35],
  ['as what remains alone', but({ [LIMIT]: undefined, [RESET]: undefined }), 30],
  ['with a date', but((told, _status, now) => ({ [RESET]: new Date(toReset(told, now)).toUTCString() })), 0],
  // Another second may have begun on the clock that writes the date than on the one that writes the answer's Date.
  [
    'with a date by another clock',
    but((told, _status, now) => ({
      [RESET]: new Date(toReset(told, now + (Math.floor(now / 7) % 4) * 300)).toUTCString(),
    })),
    0,
  ],
  ['in seconds since 1970', but((told, _status, now) => ({ [RESET]: String(toReset(told, now) / 1000) })), 0],
  ['in milliseconds since 1970', but((told, _status, now) => ({ [RESET]: String(toReset(told, now)) })), 0],
  ['by Retry-After alone', ({ reset }, status) => (status === 429 ? { 'retry-after': reset } : {}), 15],
  [
    'by RateLimit-*',
    ({ limit, remaining, reset }) => ({
      'ratelimit-limit': `${limit}, ${limit};w=60`,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': reset,
    }),
    0,
  ],
  [
    'by one RateLimit',
    ({ limit, remaining, reset }) => ({
      ratelimit: `limit=${limit}, remaining=${remaining}, reset=${reset}`,
    }),
    0,
  ],
  [
    'by the latest draft',
    ({ remaining, reset }) => ({ ratelimit: `"default";r=${remaining};t=${reset}` }),
    0,
  ],
  ['by nothing', () => ({}), 35],
];

test.each(FORMS)('a limit told %s brings few 429s and no long waits', async (name, alter, most) => {
  const minutes = { gateways: 1, writes: 300, limit: 60, concurrency: 5, alter };
  const seconds = { ...minutes, windowMs: 3_000, latencyMs: [5, 20] as const };
  for (const simulation of [minutes, seconds]) {
    const { done, limited, makespanMs, idealMs, wakeUps } = await simulateBudget({ ...simulation, seed: 1 });
    expect(done).toBe(300);
    expect(limited).toBeLessThanOrEqual(most);
    expect(wakeUps).toBeLessThan(100);
    // A reset later than in a minute counts as a minute, even if windows are shorter.
    if (simulation === minutes || !name.includes('3600')) expect(makespanMs / idealMs).toBeLessThan(1.5);
  }
});

test.each(
  FORMS.filter(([name]) =>
    ['in two headers', 'with a fraction', 'with -1 remaining', 'with a date'].includes(name),
  ),
)('over the network, a limit told %s brings few 429s', async (_name, alter, most) => {
  const { videos, ids } = createVideos(300);
  await using proxy = await startAlteringProxy((headers, status) => {
    const { [LIMIT]: limit, [REMAINING]: remaining, [RESET]: reset } = headers;
    const isLimited = typeof limit === 'string' && typeof remaining === 'string' && typeof reset === 'string';
    return isLimited ? alter({ limit, remaining, reset }, status, Date.now()) : {};
  });
  await using started = await startTestGateway({
    videos,
    limits: { reads: 2_000, writes: 60 },
    windowMs: 3_000,
    env: { APIVIDEO_BASE_URL: proxy.url, VIDEO_RESTORE: 'on' },
  });
  const { sandbox, execute } = started;
  proxy.forwardTo(sandbox.url);

  const { deleteVideos } = await execute(DeleteVideosLeanDocument, { ids, options: { waitSeconds: 60 } });

  const removed = deleteVideos?.results.filter(({ __typename }) => __typename === 'VideoRemoved');
  expect(removed).toHaveLength(300);
  expect(sandbox.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(most);
});
