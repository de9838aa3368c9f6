// The two decision tables, row by row, and that no combination of evidence is left without an answer or repeats forever.
import { describe, expect, test } from 'vitest';
import {
  type DeleteEvidence,
  decideDelete,
  decideRestore,
  type Evidence,
  type Verdict,
} from '../../src/removal/decision-table.ts';
import type { DeleteOutcome, RestoreOutcome } from '../../src/removal/outcomes.ts';
import type { Look } from '../../src/search/look.ts';
import type { Video } from '../../src/upstream/shapes.ts';
import { toRefusedAnswer, type WriteAnswer } from '../../src/upstream/write-answer.ts';

const SENT_AT = Date.parse('2026-05-01T12:00:00Z');
const SENT = { sentAt: 1_000, upstreamSentAt: SENT_AT };

function createVideo(removedAt: number | null): Video {
  return {
    id: 'vi1',
    title: null,
    description: null,
    tags: [],
    metadata: [],
    public: null,
    panoramic: null,
    mp4Support: null,
    language: null,
    playerId: null,
    createdAt: null,
    publishedAt: null,
    updatedAt: null,
    removed: removedAt !== null,
    removedAt: removedAt === null ? null : new Date(removedAt).toISOString(),
    deletesAt: null,
    assets: null,
  };
}

const LIVE = createVideo(null);
const REMOVED = createVideo(SENT_AT + 1_000);
const REMOVED_LONG_BEFORE = createVideo(SENT_AT - 60_000);

const ANSWERS = {
  'no connection': { kind: 'unreachable' },
  'no dialect': { kind: 'unprepared' },
  'no budget': { kind: 'withheld', reason: 'rateLimit', retryAfterSeconds: 7 },
  'a 401 again': { kind: 'unauthorized' },
  'another 4xx': { kind: 'rejected', status: 400 },
  'a 204': { kind: 'done', video: undefined, ...SENT },
  'a 200 that shows it live': { kind: 'done', video: LIVE, ...SENT },
  'a 200 that shows it removed': { kind: 'done', video: REMOVED, ...SENT },
  'a 404': { kind: 'missing', ...SENT },
  silence: { kind: 'lost', failed: false, ...SENT },
  'a 5xx': { kind: 'lost', failed: true, ...SENT },
  'the 403 of a proxy': { kind: 'lost', failed: true, status: 403, ...SENT },
  'the 408 of a proxy': { kind: 'lost', failed: false, status: 408, ...SENT },
} satisfies Record<string, WriteAnswer>;
type Answer = keyof typeof ANSWERS;

const LOOKS = {
  none: undefined,
  live: { kind: 'live', video: LIVE, begunAt: 0 },
  removed: { kind: 'removed', video: REMOVED, begunAt: 0 },
  'removed long before': { kind: 'removed', video: REMOVED_LONG_BEFORE, begunAt: 0 },
  'removed, nobody knows when': { kind: 'removed', video: { ...REMOVED, removedAt: null }, begunAt: 0 },
  absent: { kind: 'absent' },
  'cannot be had': { kind: 'unavailable', cause: undefined },
} satisfies Record<string, Look | undefined>;
type Looked = keyof typeof LOOKS;

const BEFORE = {
  'nothing lost before': { lostBefore: false, onlyFailed: true, firstSent: undefined },
  'after a silence': { lostBefore: true, onlyFailed: false, firstSent: SENT },
  'after a 5xx': { lostBefore: true, onlyFailed: true, firstSent: SENT },
} as const;
type Before = keyof typeof BEFORE;

type More = {
  readonly repeats?: number;
  readonly mayRepeat?: boolean;
  readonly seen?: 'live' | 'removed';
  readonly ifPermanent?: 'refuse' | 'allow';
  readonly restoreProvesRemoved?: boolean;
  readonly deleteProvesLive?: boolean;
  /** Whether the writes must have had their effect long before the look, and before `REMOVED`. */
  readonly isEffectOver?: boolean;
};

/** The evidence as `pursue.ts` gathers it: an answer that was lost counts itself among the lost ones. */
function toEvidence(
  answer: Answer,
  before: Before,
  look: Looked,
  more: More = {},
): DeleteEvidence & Evidence {
  const { restoreProvesRemoved: provesRemoved = true } = more;
  const given: WriteAnswer = ANSWERS[answer];
  const said: WriteAnswer = given.kind === 'done' ? { ...given, provesRemoved } : given;
  const { lostBefore, onlyFailed, firstSent } = BEFORE[before];
  return {
    answer: said,
    look: LOOKS[look],
    lostBefore,
    onlyFailed: onlyFailed && !(said.kind === 'lost' && !said.failed),
    firstSent: firstSent ?? (said.kind === 'lost' || said.kind === 'done' ? SENT : undefined),
    repeats: more.repeats ?? 0,
    mayRepeat: more.mayRepeat ?? true,
    seen: more.seen,
    ifPermanent: more.ifPermanent ?? 'refuse',
    deleteProvesLive: more.deleteProvesLive ?? false,
    effectBy: more.isEffectOver ? SENT_AT - 10_000 : undefined,
    isEffectOver: more.isEffectOver ?? false,
  };
}

/** A verdict in the words of the table. */
function toWords(verdict: Verdict<DeleteOutcome | RestoreOutcome>): string {
  if ('need' in verdict) return verdict.need === 'look' ? 'look' : 'again';
  const { outcome } = verdict;
  switch (outcome.kind) {
    case 'removed':
      return outcome.alreadyRemoved ? 'VideoRemoved, alreadyRemoved' : 'VideoRemoved';
    case 'destroyed':
      return 'VideoDestroyed';
    case 'restored':
      return `VideoRestored, alreadyLive ${outcome.alreadyLive}`;
    case 'failed':
      return outcome.code;
  }
}

type Row = readonly [Answer, Before, Looked, More, string];

const FIRST = 'nothing lost before';
const SILENCE = 'after a silence';
const FAILED = 'after a 5xx';

describe('a deletion', () => {
  test.each<Row>([
    ['no connection', FIRST, 'none', {}, 'again'],
    ['no connection', FIRST, 'none', { repeats: 1 }, 'UPSTREAM_UNAVAILABLE'],
    ['no connection', FIRST, 'none', { mayRepeat: false }, 'again'],
    ['no connection', SILENCE, 'none', {}, 'look'],
    ['no dialect', FIRST, 'none', {}, 'UPSTREAM_UNAVAILABLE'],
    ['no budget', FIRST, 'none', {}, 'NOT_ATTEMPTED'],
    ['no budget', SILENCE, 'live', {}, 'OUTCOME_UNKNOWN'],
    ['no budget', FAILED, 'live', {}, 'UPSTREAM_UNAVAILABLE'],
    ['a 401 again', FIRST, 'none', {}, 'UPSTREAM_UNAUTHORIZED'],
    ['a 401 again', SILENCE, 'live', {}, 'OUTCOME_UNKNOWN'],
    ['another 4xx', FIRST, 'none', {}, 'UPSTREAM_REJECTED'],
    ['another 4xx', SILENCE, 'removed', {}, 'VideoRemoved'],

    ['a 204', FIRST, 'none', {}, 'look'],
    ['a 204', FIRST, 'removed', {}, 'VideoRemoved'],
    ['a 204', FIRST, 'removed long before', {}, 'VideoRemoved, alreadyRemoved'],
    ['a 204', FIRST, 'removed long before', { seen: 'live' }, 'VideoRemoved'],
    ['a 204', SILENCE, 'removed', {}, 'VideoRemoved'],
    ['a 204', FIRST, 'absent', { ifPermanent: 'allow' }, 'VideoDestroyed'],
    ['a 204', FIRST, 'absent', { ifPermanent: 'refuse' }, 'DESTROYED'],
    ['a 204', FIRST, 'live', {}, 'OUTCOME_UNKNOWN'],

    ['a 404', FIRST, 'none', {}, 'look'],
    ['a 404', FIRST, 'removed', {}, 'VideoRemoved, alreadyRemoved'],
    ['a 404', FIRST, 'live', {}, 'again'],
    ['a 404', FIRST, 'live', { repeats: 1 }, 'UPSTREAM_UNAVAILABLE'],
    ['a 404', FIRST, 'absent', {}, 'NOT_FOUND'],
    ['a 404', FIRST, 'absent', { seen: 'live' }, 'DESTROYED'],
    ['a 404', FIRST, 'absent', { seen: 'live', ifPermanent: 'allow' }, 'VideoDestroyed'],
    ['a 404', FIRST, 'absent', { ifPermanent: 'allow' }, 'NOT_FOUND'],

    ['silence', FIRST, 'none', {}, 'look'],
    ['silence', FIRST, 'removed', {}, 'VideoRemoved'],
    ['a 5xx', FIRST, 'removed', {}, 'VideoRemoved'],
    ['silence', FIRST, 'removed long before', {}, 'VideoRemoved, alreadyRemoved'],
    ['silence', FIRST, 'live', {}, 'again'],
    ['silence', SILENCE, 'live', { repeats: 1 }, 'again'],
    ['silence', SILENCE, 'live', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['a 5xx', FAILED, 'live', { repeats: 2 }, 'UPSTREAM_UNAVAILABLE'],
    ['a 5xx', SILENCE, 'live', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'live', { mayRepeat: false }, 'OUTCOME_UNKNOWN'],
    ['a 5xx', FIRST, 'live', { mayRepeat: false }, 'UPSTREAM_UNAVAILABLE'],
    ['silence', FIRST, 'absent', {}, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'absent', { seen: 'live' }, 'DESTROYED'],
    ['silence', FIRST, 'absent', { seen: 'live', ifPermanent: 'allow' }, 'VideoDestroyed'],

    ['the 403 of a proxy', FIRST, 'none', {}, 'look'],
    ['the 403 of a proxy', FIRST, 'removed', {}, 'VideoRemoved'],
    ['the 403 of a proxy', FIRST, 'live', {}, 'again'],
    ['the 403 of a proxy', FIRST, 'live', { mayRepeat: false }, 'UPSTREAM_UNAVAILABLE'],
    ['the 403 of a proxy', SILENCE, 'live', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['the 408 of a proxy', FIRST, 'live', { mayRepeat: false }, 'OUTCOME_UNKNOWN'],
    ['another 4xx', FAILED, 'live', {}, 'UPSTREAM_UNAVAILABLE'],

    ['a 204', FIRST, 'removed, nobody knows when', {}, 'OUTCOME_UNKNOWN'],
    ['a 204', FIRST, 'removed, nobody knows when', { seen: 'live' }, 'VideoRemoved'],
    ['a 204', FIRST, 'removed, nobody knows when', { deleteProvesLive: true }, 'VideoRemoved'],
    ['a 204', FIRST, 'removed long before', { deleteProvesLive: true }, 'VideoRemoved, alreadyRemoved'],
    ['silence', FIRST, 'removed, nobody knows when', { deleteProvesLive: true }, 'OUTCOME_UNKNOWN'],
    ['a 404', FIRST, 'removed, nobody knows when', {}, 'VideoRemoved, alreadyRemoved'],
    ['a 404', SILENCE, 'removed, nobody knows when', {}, 'OUTCOME_UNKNOWN'],

    ['a 404', SILENCE, 'none', {}, 'look'],
    ['a 404', SILENCE, 'removed', {}, 'VideoRemoved'],
    ['a 404', SILENCE, 'live', {}, 'OUTCOME_UNKNOWN'],
    ['a 404', SILENCE, 'absent', { ifPermanent: 'allow' }, 'VideoDestroyed'],
    ['a 404', SILENCE, 'absent', { ifPermanent: 'refuse' }, 'DESTROYED'],

    ['silence', FIRST, 'removed', { isEffectOver: true, seen: 'live' }, 'VideoRemoved, alreadyRemoved'],
    ['silence', FIRST, 'removed long before', { isEffectOver: true, seen: 'live' }, 'VideoRemoved'],
    ['silence', FIRST, 'removed, nobody knows when', { isEffectOver: true, seen: 'live' }, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'absent', { seen: 'live' }, 'DESTROYED'],
    ['silence', FIRST, 'absent', { isEffectOver: true, seen: 'live' }, 'OUTCOME_UNKNOWN'],
    ['no budget', SILENCE, 'absent', { isEffectOver: true, seen: 'live' }, 'OUTCOME_UNKNOWN'],

    ['a 204', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['a 404', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['a 404', SILENCE, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['a 5xx', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
  ])('that ended with %s, %s, look: %s, %j, is answered: %s', (answer, before, look, more, expected) => {
    expect(toWords(decideDelete(toEvidence(answer, before, look, more)))).toBe(expected);
  });
});

describe('a restore', () => {
  test.each<Row>([
    ['no connection', FIRST, 'none', {}, 'again'],
    ['no connection', FIRST, 'none', { repeats: 1 }, 'UPSTREAM_UNAVAILABLE'],
    ['no dialect', FIRST, 'none', {}, 'UPSTREAM_UNAVAILABLE'],
    ['no budget', FIRST, 'none', {}, 'NOT_ATTEMPTED'],
    ['a 401 again', FIRST, 'none', {}, 'UPSTREAM_UNAUTHORIZED'],
    ['another 4xx', FIRST, 'none', {}, 'UPSTREAM_REJECTED'],
    ['another 4xx', SILENCE, 'live', {}, 'VideoRestored, alreadyLive null'],

    ['a 200 that shows it live', FIRST, 'none', {}, 'VideoRestored, alreadyLive false'],
    [
      'a 200 that shows it live',
      FIRST,
      'none',
      { restoreProvesRemoved: false },
      'VideoRestored, alreadyLive null',
    ],
    ['a 200 that shows it live', SILENCE, 'none', { seen: 'removed' }, 'VideoRestored, alreadyLive false'],
    ['a 200 that shows it removed', FIRST, 'none', {}, 'look'],
    ['a 200 that shows it removed', FIRST, 'live', {}, 'VideoRestored, alreadyLive false'],
    ['a 200 that shows it removed', FIRST, 'removed', {}, 'OUTCOME_UNKNOWN'],
    ['a 200 that shows it removed', FIRST, 'absent', {}, 'OUTCOME_UNKNOWN'],

    ['a 404', FIRST, 'none', {}, 'look'],
    ['a 404', FIRST, 'removed', {}, 'again'],
    ['a 404', FIRST, 'removed', { repeats: 1 }, 'OUTCOME_UNKNOWN'],
    ['a 404', FIRST, 'live', {}, 'VideoRestored, alreadyLive true'],
    ['a 404', FIRST, 'absent', {}, 'NOT_FOUND'],

    ['silence', FIRST, 'none', {}, 'look'],
    ['silence', FIRST, 'live', { seen: 'removed' }, 'VideoRestored, alreadyLive false'],
    ['silence', FIRST, 'live', { isEffectOver: true, seen: 'removed' }, 'VideoRestored, alreadyLive null'],
    ['silence', FIRST, 'removed', {}, 'again'],
    ['silence', SILENCE, 'removed', { repeats: 1 }, 'again'],
    ['silence', SILENCE, 'removed', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['a 5xx', FAILED, 'removed', { repeats: 2 }, 'UPSTREAM_UNAVAILABLE'],
    ['a 5xx', SILENCE, 'removed', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'live', {}, 'VideoRestored, alreadyLive null'],
    ['silence', SILENCE, 'live', { seen: 'removed' }, 'VideoRestored, alreadyLive false'],
    ['silence', FIRST, 'absent', {}, 'NOT_FOUND'],

    ['a 404', SILENCE, 'removed', { repeats: 1 }, 'again'],
    ['a 404', SILENCE, 'removed', { repeats: 2 }, 'OUTCOME_UNKNOWN'],
    ['a 404', SILENCE, 'live', {}, 'VideoRestored, alreadyLive null'],
    ['a 404', SILENCE, 'absent', {}, 'NOT_FOUND'],

    ['a 200 that shows it removed', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['a 404', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['a 404', SILENCE, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
    ['silence', FIRST, 'cannot be had', {}, 'OUTCOME_UNKNOWN'],
  ])('that ended with %s, %s, look: %s, %j, is answered: %s', (answer, before, look, more, expected) => {
    expect(toWords(decideRestore(toEvidence(answer, before, look, more)))).toBe(expected);
  });
});

const each = <K extends string>(record: Readonly<Record<K, unknown>>): K[] =>
  Object.keys(record).filter((key): key is K => key in record);

const MAX_REPEATS = 2;

const DECISIONS: readonly (readonly [string, (evidence: DeleteEvidence & Evidence) => string])[] = [
  ['deletion', (evidence) => toWords(decideDelete(evidence))],
  ['restore', (evidence) => toWords(decideRestore(evidence))],
];

describe.each(DECISIONS)('any evidence of a %s', (act, decide) => {
  const answers = each(ANSWERS).filter((answer) => (act === 'restore' ? answer !== 'a 204' : true));
  const combinations = answers.flatMap((answer) =>
    each(BEFORE).flatMap((before) =>
      each(LOOKS).flatMap((look) =>
        [true, false].flatMap((mayRepeat) =>
          ([undefined, 'live', 'removed'] as const).flatMap((seen) =>
            [0, 1, 2, 3].map((repeats) => ({
              look,
              repeats,
              evidence: toEvidence(answer, before, look, { mayRepeat, repeats, ...(seen && { seen }) }),
            })),
          ),
        ),
      ),
    ),
  );

  test('asks for a look once at most', () => {
    for (const { look, evidence } of combinations) {
      if (look !== 'none') expect(decide(evidence)).not.toBe('look');
    }
  });

  test('has the write repeated twice at most', () => {
    for (const { repeats, evidence } of combinations) {
      if (repeats >= MAX_REPEATS) expect(decide(evidence)).not.toBe('again');
    }
  });

  test('has nothing repeated that may do harm, unless nothing of it can have taken effect', () => {
    for (const { evidence } of combinations) {
      const { answer, lostBefore, mayRepeat } = evidence;
      if (!mayRepeat && (lostBefore || answer.kind === 'lost')) expect(decide(evidence)).not.toBe('again');
    }
  });

  test('says that nothing was sent, or that nothing changed, only where no silence came before', () => {
    const denials = ['NOT_ATTEMPTED', 'UPSTREAM_REJECTED', 'UPSTREAM_UNAUTHORIZED', 'UPSTREAM_UNAVAILABLE'];
    for (const { evidence } of combinations) {
      if (!evidence.onlyFailed) expect(denials).not.toContain(decide(evidence));
    }
  });

  test('says nothing but OUTCOME_UNKNOWN of a sent write after which nobody can look', () => {
    for (const { look, evidence } of combinations) {
      const { answer, lostBefore } = evidence;
      if (look !== 'cannot be had' || !(lostBefore || answer.kind === 'lost')) continue;
      const isProof = answer.kind === 'done' && answer.video && !answer.video.removed;
      if (!isProof) expect(decide(evidence)).toBe('OUTCOME_UNKNOWN');
    }
  });
});

test.each([408, 460, 499, 504, 524, 598, 599])('%d tells of a wait that was given up', (status) => {
  const answer = { status, headers: {}, body: Buffer.alloc(0), sentAt: 0, receivedAt: 0 };

  expect(toRefusedAnswer(answer, SENT)).toMatchObject({ kind: 'lost', failed: false });
});

test('a budget that is spent says when to come back', () => {
  expect(decideDelete(toEvidence('no budget', 'nothing lost before', 'none'))).toEqual({
    outcome: { kind: 'failed', code: 'NOT_ATTEMPTED', reason: 'rateLimit', retryAfterSeconds: 7 },
  });
});
