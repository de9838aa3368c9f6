// What the answer says is what happened: held against generated histories of one video, whose true life the model knows.
// The calls are the real ones, down to the requests; only time and upstream are made up.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { deleteBatch } from '../../src/removal/delete-batch.ts';
import { IdLocks } from '../../src/removal/id-locks.ts';
import type { DeleteOutcome, RestoreOutcome } from '../../src/removal/outcomes.ts';
import type { RemovalProject } from '../../src/removal/removal-project.ts';
import { Restorability } from '../../src/removal/restorability.ts';
import { restoreBatch } from '../../src/removal/restore-batch.ts';
import { RiskWindow } from '../../src/removal/risk-window.ts';
import { VideoRestore } from '../../src/removal/video-restore.ts';
import { createSearchState } from '../../src/search/search-state.ts';
import type { Caller } from '../../src/upstream/caller.ts';
import { Videos } from '../../src/upstream/videos.ts';
import { type Case, calmCases, TIMEOUT_MS, troubledCases } from '../support/histories.ts';
import { OUTCOME_NAMES, toName } from '../support/outcome-names.ts';
import { findLie } from '../support/truth.ts';
import { type History, type ReadFate, UpstreamModel, VIDEO_ID } from '../support/upstream-model.ts';

/** There is one history at a time, and some tests look at what others have counted. */
const ALONE = { concurrent: false };

/** More of them, and others: `TRUTH_HISTORIES=1000000 TRUTH_SEED=7`. */
const HISTORIES = Number(process.env.TRUTH_HISTORIES ?? 100_000);
const SEED = Number(process.env.TRUTH_SEED ?? 1);
const SLOW = 60_000 + HISTORIES;

/** The history whose time it is: there is one at a time, and it alone moves the clock. */
const present = vi.hoisted(() => {
  const nothing: { now: () => number; pause: (ms: number, caller: Caller) => boolean } = {
    now: () => 0,
    pause: () => false,
  };
  return { history: nothing };
});

vi.mock('../../src/upstream/pause.ts', () => ({
  pause: async (ms: number, caller: Caller) => present.history.pause(ms, caller),
}));

beforeAll(() => {
  vi.stubGlobal('performance', { timeOrigin: UpstreamModel.EPOCH, now: () => present.history.now() });
});

afterAll(() => {
  vi.unstubAllGlobals();
});

const LAG_MS = 2_000;
const NEVER = new AbortController().signal;

async function answer({ history, call, waitMs }: Case) {
  const model = new UpstreamModel(history);
  present.history = { now: () => model.now, pause: (ms, caller) => model.pause(ms, caller) };
  const videos = new Videos({ send: model.send, dialect: history.dialect, keepPagesMs: 0, lagMs: LAG_MS });
  const videoRestore = new VideoRestore();
  if (call.act === 'delete' && call.knowsSecondDelete) {
    videoRestore.secondDelete = history.secondDelete;
    // Whoever has seen that has also seen upstream's clock.
    await videos.find(VIDEO_ID, ['live'], 'check', { deadline: 0 });
  }
  const riskWindow = new RiskWindow({ videoRestore, most: 4, onChange() {} });
  const project: RemovalProject = {
    ...createSearchState(videos, () => undefined),
    videoRestore,
    riskWindow,
    restorability: new Restorability(videos, riskWindow, videoRestore, 'on'),
    locks: new IdLocks(),
    timeoutMs: TIMEOUT_MS,
    onFault(fault) {
      throw fault;
    },
    mayWrite: () => true,
    draining: NEVER,
    ending: NEVER,
  };
  model.begin();
  const told: (DeleteOutcome | RestoreOutcome)[] = [];
  const onOutcome = (_id: string, each: DeleteOutcome | RestoreOutcome) => void told.push(each);
  const options = { deadline: waitMs, signal: NEVER, onOutcome };
  const outcomes: Map<string, DeleteOutcome | RestoreOutcome> =
    call.act === 'restore'
      ? await restoreBatch(project, [VIDEO_ID], options)
      : await deleteBatch(project, [VIDEO_ID], { ...options, ...call });
  const outcome = outcomes.get(VIDEO_ID);
  if (!outcome) throw new Error('the video was given no outcome');
  if (told.length !== 1 || told[0] !== outcome)
    throw new Error(`the audit was told ${told.map(toName).join(', ') || 'nothing'}, not ${toName(outcome)}`);
  return { outcome, model };
}

class Tally {
  readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  share(name: string): number {
    return (this.counts.get(name) ?? 0) / HISTORIES;
  }
}

describe(`in ${HISTORIES} histories in which everything goes wrong`, ALONE, () => {
  const outcomes = new Tally();
  const excuses = new Tally();

  test('no answer is false', { timeout: SLOW }, async () => {
    await fc.assert(
      fc.asyncProperty(troubledCases, async (each) => {
        const { outcome, model } = await answer(each);
        const name = `${each.call.act}: ${toName(outcome)}`;
        const lie = findLie(each.call.act, outcome, model);
        outcomes.add(name);
        if (!lie) return;
        if (!lie.excuse)
          throw new Error(`${name}, but ${lie.claim}: ${JSON.stringify([model.shown, model.timeline])}`);
        excuses.add(lie.excuse);
      }),
      { numRuns: HISTORIES, seed: SEED },
    );
  });

  test.each(OUTCOME_NAMES)('"%s" is among the answers', (name) => {
    expect(outcomes.share(name)).toBeGreaterThan(0.0005);
  });

  test('few answers need an excuse', () => {
    for (const name of excuses.counts.keys()) expect(excuses.share(name), name).toBeLessThan(0.01);
  });
});

const CALM: History = {
  dialect: 'removed',
  state: 'live',
  videoRestore: true,
  secondDelete: 'refused',
  skewMs: 0,
  restoreShowsBefore: false,
  events: [],
  writes: [],
  reads: [],
};
const DELETE = { act: 'delete', ifPermanent: 'refuse', knowsSecondDelete: true } as const;
const lagging = (...lagsMs: readonly number[]): readonly ReadFate[] =>
  lagsMs.map((lagMs) => ({ kind: 'answered', lagMs, ms: 30 }));

describe('what was answered falsely once', ALONE, () => {
  test.each<[string, Case, string]>([
    [
      'a 5xx that took effect, and reads that lag',
      {
        call: DELETE,
        waitMs: 20_000,
        history: {
          ...CALM,
          writes: [
            { kind: 'failed', acts: 'now', ms: 30 },
            { kind: 'failed', acts: 'never', ms: 30 },
            { kind: 'failed', acts: 'never', ms: 30 },
          ],
          reads: lagging(1_900, 1_900, 1_900),
        },
      },
      'removed',
    ],
    [
      'a restore lost before it acted, straight after the deletion',
      {
        call: { act: 'restore' },
        waitMs: 20_000,
        history: {
          ...CALM,
          events: [{ at: -500, kind: 'remove' }],
          writes: [{ kind: 'lost', acts: 'never', ms: 30 }],
          reads: lagging(1_500),
        },
      },
      'restored, alreadyLive false',
    ],
    [
      'a deletion lost before it acted, straight after a deletion and a restore',
      {
        call: DELETE,
        waitMs: 20_000,
        history: {
          ...CALM,
          events: [
            { at: -1_000, kind: 'remove' },
            { at: -500, kind: 'restore' },
          ],
          writes: [{ kind: 'lost', acts: 'never', ms: 30 }],
          reads: lagging(900),
        },
      },
      'removed',
    ],
    [
      'a deletion that destroyed what others had just restored',
      {
        call: DELETE,
        waitMs: 20_000,
        history: {
          ...CALM,
          state: 'removed',
          events: [
            { at: -2_000, kind: 'switch' },
            { at: -1_000, kind: 'restore' },
          ],
          reads: lagging(1_700),
        },
      },
      'DESTROYED',
    ],
    [
      'a deletion just after that of others',
      {
        call: DELETE,
        waitMs: 20_000,
        history: { ...CALM, events: [{ at: -200, kind: 'remove' }], reads: lagging(1_000, 1_000) },
      },
      'removed, alreadyRemoved',
    ],
    [
      'a deletion that comes true as it would be sent again, where a second one destroys',
      {
        call: { ...DELETE, ifPermanent: 'allow', knowsSecondDelete: false },
        waitMs: 20_000,
        history: {
          ...CALM,
          secondDelete: 'destroys',
          skewMs: -16_471,
          writes: [{ kind: 'failed', acts: 128, ms: 30 }],
          reads: lagging(0, 0, 1_893, 41),
        },
      },
      'UPSTREAM_UNAVAILABLE',
    ],
    [
      'the same, where nobody has allowed it',
      {
        call: { ...DELETE, knowsSecondDelete: false },
        waitMs: 20_000,
        history: {
          ...CALM,
          secondDelete: 'destroys',
          skewMs: -16_471,
          writes: [{ kind: 'failed', acts: 128, ms: 30 }],
          reads: lagging(0, 0, 1_893, 41),
        },
      },
      'UPSTREAM_UNAVAILABLE',
    ],
  ])('%s', async (_name, each, expected) => {
    const { outcome, model } = await answer(each);
    expect(toName(outcome)).toBe(expected);
    const lie = findLie(each.call.act, outcome, model);
    expect(lie?.excuse ? undefined : lie?.claim).toBeUndefined();
  });
});

/** The one right answer where nothing goes wrong. */
function toRightAnswer({ history, call }: Case): string {
  const { state, videoRestore, dialect } = history;
  if (state === 'absent') return 'NOT_FOUND';
  if (call.act === 'restore') {
    if (dialect === 'removed') return 'restored, alreadyLive null';
    return `restored, alreadyLive ${state === 'live'}`;
  }
  if (state === 'removed') return 'removed, alreadyRemoved';
  if (videoRestore) return 'removed';
  return call.ifPermanent === 'allow' ? 'destroyed' : 'DESTROYED';
}

test('where nothing goes wrong, every answer is the right one, however reads lag', {
  ...ALONE,
  timeout: SLOW,
}, async () => {
  await fc.assert(
    fc.asyncProperty(calmCases, async (each) => {
      const { outcome } = await answer(each);
      expect(toName(outcome)).toBe(toRightAnswer(each));
    }),
    { numRuns: HISTORIES / 20, seed: SEED },
  );
});
