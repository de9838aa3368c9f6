// What each answer says is what happened, and few videos are lost, however many calls, gateways and other clients act at
// once: held against generated histories, whose true course the model knows. The calls are the real ones, down to the
// transport; only time and upstream are made up.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pause } from '../../src/upstream/pause.ts';
import { calmHistories, histories } from '../support/concurrent/generate.ts';
import { findFaults, type Rule } from '../support/concurrent/judge.ts';
import { KNOWN } from '../support/concurrent/known.ts';
import { play } from '../support/concurrent/play.ts';
import { Tally } from '../support/concurrent/tally.ts';
import { beginTime, stubGlobals, unstubGlobals } from '../support/concurrent/virtual-globals.ts';
import { OUTCOME_NAMES, toName } from '../support/outcome-names.ts';

/** There is one history at a time, and some tests look at what others have shown. */
const ALONE = { concurrent: false };

/** More of them, and others: `CONCURRENT_HISTORIES=100000 TRUTH_SEED=7`. */
const HISTORIES = Number(process.env.CONCURRENT_HISTORIES ?? 4_000);
const SEED = Number(process.env.TRUTH_SEED ?? 1);
/** To find the smallest history that breaks a rule takes as long as to play all. */
const SLOW = { ...ALONE, timeout: 60_000 + 40 * HISTORIES };

beforeAll(stubGlobals);
afterAll(unstubGlobals);

describe(`in ${HISTORIES} histories of many calls at once`, ALONE, () => {
  const tally = new Tally(histories, { seed: SEED, numRuns: HISTORIES });

  beforeAll(() => tally.playAll(), SLOW.timeout);

  test.each<[string, Rule]>([
    ['no answer is false', 'truth'],
    ['the audit hears of everything, and the gateway says of Video Restore only what it has seen', 'audit'],
    ['a switch-off destroys few videos, and a second DELETE none', 'bounds'],
    ['every call ends, and nothing is written for a client that has left', 'liveness'],
  ])('%s', SLOW, (_name, rule) => tally.assertKept(rule));

  test.each([...OUTCOME_NAMES, 'delete: PERMANENT_DELETION_REFUSED'])(
    '"%s" is among the answers',
    ALONE,
    (name) => {
      expect(tally.outcomes.of(name) / tally.outcomes.total).toBeGreaterThan(0.0003);
    },
  );

  test('few answers are OUTCOME_UNKNOWN', ALONE, () => {
    const unknown =
      tally.outcomes.of('delete: OUTCOME_UNKNOWN') + tally.outcomes.of('restore: OUTCOME_UNKNOWN');
    expect(unknown / tally.outcomes.total).toBeLessThan(0.08);
  });

  test('few answers need an excuse', ALONE, () => {
    for (const name of tally.excuses.names)
      expect(tally.excuses.of(name) / tally.outcomes.total, name).toBeLessThan(0.01);
  });
});

/** What can be said where nothing goes wrong and nobody else acts. */
const CALM_ANSWER =
  /^delete: (removed|removed, alreadyRemoved|destroyed|DESTROYED|PERMANENT_DELETION_REFUSED|NOT_FOUND)$|^restore: (restored, alreadyLive \w+|NOT_FOUND)$/;

test('where nothing goes wrong, every answer is plain and true, however reads lag', SLOW, async () => {
  await fc.assert(
    fc.asyncProperty(calmHistories, async (history) => {
      const story = await play(history);
      expect(findFaults(story)).toEqual([]);
      for (const { act, told } of story.calls)
        for (const { outcome } of told) expect(`${act}: ${toName(outcome)}`).toMatch(CALM_ANSWER);
    }),
    { numRuns: HISTORIES / 4, seed: SEED },
  );
});

describe('what went wrong once', ALONE, () => {
  test.each(KNOWN)('%s', SLOW, async (_name, history) => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const story = await play({ ...history, weather: { ...history.weather, seed } });
      expect(findFaults(story).filter(({ excuse }) => !excuse)).toEqual([]);
    }
  });
});

test('code that goes round in circles is noticed', ALONE, async () => {
  const time = beginTime(SEED);
  const circles = async () => {
    while (!(await pause(1_000, { deadline: 0 })));
  };
  const ended = circles().catch(() => {});
  await time.run(() => time.hasSpun, 1_000);
  await ended;
  expect(time.hasSpun).toBe(true);
});
