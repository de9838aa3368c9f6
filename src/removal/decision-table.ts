// What became of a video, given the answer to its write and a look at it: one table for deleting, one for restoring.
// Pure; the evidence is gathered by `delete-batch.ts`, `restore-batch.ts` and `look.ts`.
import type { Sent } from '../upstream/upstream-clock.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import { isBefore, type Look } from './look.ts';
import {
  type DeleteOutcome,
  type Failed,
  type FailureCode,
  failed,
  type RestoreOutcome,
} from './outcomes.ts';

/** What is known of one video when its latest write has ended. */
export type Evidence = {
  readonly answer: WriteAnswer;
  /** What a look showed since then; undefined where nobody has looked. */
  readonly look: Look | undefined;
  /** The first write of this call that was put on a connection. */
  readonly firstSent: Sent | undefined;
  /** Whether an earlier write of this call was lost, and whether all lost ones were complete 5xx answers. */
  readonly lostBefore: boolean;
  readonly onlyFailed: boolean;
  /** How often the write was repeated, and whether repeating it can do no harm should an earlier one take effect yet. */
  readonly repeats: number;
  readonly mayRepeat: boolean;
  /** What an earlier look of this call showed. */
  readonly seen: 'live' | 'removed' | undefined;
};

export type DeleteEvidence = Evidence & {
  readonly ifPermanent: 'refuse' | 'allow';
};

/** An outcome, or what is needed for one: a look, or the same write again. */
export type Verdict<Outcome> = { readonly outcome: Outcome } | { readonly need: 'look' | 'repeat' };

/** A failure to answer with, or what works the verdict out. */
type Rule<E, O> = FailureCode | ((evidence: E) => Verdict<O | Failed>);
type Row<E, O> = readonly [AnswerKind, 'first' | 'lost' | 'any', Look['kind'] | 'any', Rule<E, O>];

/** `stale`: a restore's 200 whose body still shows the video removed, as upstream's own sample does. */
type AnswerKind = WriteAnswer['kind'] | 'stale';

// biome-ignore format: a table is read by its columns
const DELETE_TABLE: readonly Row<DeleteEvidence, DeleteOutcome>[] = [
  // answer        before   look           verdict
  ['unreachable',  'first', 'any',         repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['withheld',     'first', 'any',         'NOT_ATTEMPTED'],
  ['unauthorized', 'first', 'any',         'UPSTREAM_UNAUTHORIZED'],
  ['rejected',     'first', 'any',         'UPSTREAM_REJECTED'],
  ['done',         'any',   'removed',     toRemoved],
  ['done',         'any',   'absent',      toGone],
  ['done',         'any',   'live',        'OUTCOME_UNKNOWN'],
  ['missing',      'first', 'removed',     toAlreadyRemoved],
  ['missing',      'first', 'live',        repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['missing',      'first', 'absent',      'NOT_FOUND'],
  ['missing',      'lost',  'removed',     toRemoved],
  ['missing',      'lost',  'live',        'OUTCOME_UNKNOWN'],
  ['missing',      'lost',  'absent',      toGone],
  ['lost',         'any',   'removed',     toRemoved],
  ['lost',         'any',   'live',        repeatedUpTo(2, toUnchanged)],
  ['lost',         'any',   'absent',      toGoneIfSeenLive],
];

// biome-ignore format: a table is read by its columns
const RESTORE_TABLE: readonly Row<Evidence, RestoreOutcome>[] = [
  // answer        before   look           verdict
  ['unreachable',  'first', 'any',         repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['withheld',     'first', 'any',         'NOT_ATTEMPTED'],
  ['unauthorized', 'first', 'any',         'UPSTREAM_UNAUTHORIZED'],
  ['rejected',     'first', 'any',         'UPSTREAM_REJECTED'],
  ['done',         'any',   'any',         toRestored],
  ['stale',        'any',   'live',        toRestored],
  ['stale',        'any',   'removed',     'OUTCOME_UNKNOWN'],
  ['stale',        'any',   'absent',      'OUTCOME_UNKNOWN'],
  ['missing',      'first', 'removed',     repeatedUpTo(1, 'OUTCOME_UNKNOWN')],
  ['missing',      'first', 'live',        toAlreadyLive],
  ['missing',      'any',   'absent',      'NOT_FOUND'],
  ['missing',      'lost',  'removed',     repeatedUpTo(2, 'OUTCOME_UNKNOWN')],
  ['missing',      'lost',  'live',        toRestored],
  ['lost',         'any',   'removed',     repeatedUpTo(2, toUnchanged)],
  ['lost',         'any',   'live',        toRestored],
  ['lost',         'any',   'absent',      'NOT_FOUND'],
];

/** @returns the outcome of a deletion, or what is still needed for one. */
export function decideDelete(evidence: DeleteEvidence): Verdict<DeleteOutcome> {
  return decide(DELETE_TABLE, evidence);
}

/** @returns the outcome of a restore, or what is still needed for one. */
export function decideRestore(evidence: Evidence): Verdict<RestoreOutcome> {
  return decide(RESTORE_TABLE, evidence);
}

function decide<E extends Evidence, O>(table: readonly Row<E, O>[], evidence: E): Verdict<O | Failed> {
  const said = toAnswerKind(evidence);
  const before = evidence.lostBefore ? 'lost' : 'first';
  const looked = evidence.look?.kind ?? 'none';
  const row = table.find(
    ([answer, earlier, look]) =>
      answer === said && (earlier === before || earlier === 'any') && (look === looked || look === 'any'),
  );
  if (row) return apply(row[3], evidence);
  // No row before a look: look. None after one: it could not be had.
  return looked === 'none' ? { need: 'look' } : { outcome: failed('OUTCOME_UNKNOWN') };
}

function apply<E extends Evidence, O>(rule: Rule<E, O>, evidence: E): Verdict<O | Failed> {
  if (typeof rule === 'function') return rule(evidence);
  const { answer } = evidence;
  return { outcome: failed(rule, answer.kind === 'withheld' ? answer.retryAfterSeconds : undefined) };
}

/** A write that was not sent says nothing of the lost one before it: what counts is still the loss. */
function toAnswerKind({ answer, lostBefore }: Evidence): AnswerKind {
  if (answer.kind === 'done' && answer.video?.removed) return 'stale';
  return lostBefore && answer.kind !== 'done' && answer.kind !== 'missing' ? 'lost' : answer.kind;
}

function repeatedUpTo<E extends Evidence, O>(times: number, otherwise: Rule<E, O>): Rule<E, O> {
  return (evidence) => {
    const { answer, lostBefore, repeats } = evidence;
    const wouldBeSent = answer.kind === 'lost' || answer.kind === 'missing' || answer.kind === 'unreachable';
    // What has certainly not taken effect can always be sent again.
    const mayRepeat = evidence.mayRepeat || (answer.kind !== 'lost' && !lostBefore);
    return wouldBeSent && mayRepeat && repeats < times ? { need: 'repeat' } : apply(otherwise, evidence);
  };
}

/** Lost, and found as it was before. Complete 5xx answers say that upstream gave up; a silence does not. */
function toUnchanged({ onlyFailed }: Evidence): Verdict<Failed> {
  return { outcome: failed(onlyFailed ? 'UPSTREAM_UNAVAILABLE' : 'OUTCOME_UNKNOWN') };
}

function toRemoved({ look, seen, firstSent }: DeleteEvidence): Verdict<DeleteOutcome> {
  const video = look?.kind === 'removed' ? look.video : undefined;
  return {
    outcome: { kind: 'removed', alreadyRemoved: seen !== 'live' && isBefore(video, firstSent), video },
  };
}

function toAlreadyRemoved({ look }: DeleteEvidence): Verdict<DeleteOutcome> {
  const video = look?.kind === 'removed' ? look.video : undefined;
  return { outcome: { kind: 'removed', alreadyRemoved: true, video } };
}

function toGone({ ifPermanent }: DeleteEvidence): Verdict<DeleteOutcome> {
  return { outcome: ifPermanent === 'allow' ? { kind: 'destroyed' } : failed('DESTROYED') };
}

/** Absent after a lost deletion: destroyed by it where it was there before, else perhaps never there. */
function toGoneIfSeenLive(evidence: DeleteEvidence): Verdict<DeleteOutcome> {
  return evidence.seen === 'live' ? toGone(evidence) : { outcome: failed('OUTCOME_UNKNOWN') };
}

function toRestored({ answer, look, seen }: Evidence): Verdict<RestoreOutcome> {
  const video = look?.kind === 'live' ? look.video : answer.kind === 'done' ? answer.video : undefined;
  if (!video) return { outcome: failed('OUTCOME_UNKNOWN') };
  const wasRemoved = seen === 'removed' || (answer.kind === 'done' && answer.provesRemoved === true);
  return { outcome: { kind: 'restored', alreadyLive: wasRemoved ? false : null, video } };
}

function toAlreadyLive({ look }: Evidence): Verdict<RestoreOutcome> {
  if (look?.kind !== 'live') return { outcome: failed('OUTCOME_UNKNOWN') };
  return { outcome: { kind: 'restored', alreadyLive: true, video: look.video } };
}
