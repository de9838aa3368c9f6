// Decides the outcome of a video from the answer to its write and a look at it: one table for deletions, one for
// restores. Pure: `delete-one.ts`, `restore-batch.ts`, `witness.ts` and `look-after-write.ts` gather the evidence.
import type { Look } from '../search/look.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import { BudgetExhaustedError } from '../upstream/upstream-errors.ts';
import { toRefusal, type WriteAnswer } from '../upstream/write-answer.ts';
import {
  type DeleteOutcome,
  type Failed,
  type FailureCode,
  failed,
  notAttempted,
  type RestoreOutcome,
  UNDECIDED,
} from './outcomes.ts';
import { wasRemovedAfter, wasRemovedBefore } from './removal-date.ts';

/** The facts about one video once its latest write has ended. */
export type Evidence = {
  readonly answer: WriteAnswer;
  /** The result of a look since then; undefined if there was none. */
  readonly look: Look | undefined;
  /** The first write of this call that may have taken effect. */
  readonly firstSent: Sent | undefined;
  /** Whether the answer to an earlier write of this call was lost. */
  readonly lostBefore: boolean;
  /** Whether every lost answer of this call was a complete one that shows that the attempt was given up. */
  readonly onlyFailed: boolean;
  /** How often the write was repeated. */
  readonly repeats: number;
  /** Whether a repeat is harmless even if an earlier write still takes effect. */
  readonly mayRepeat: boolean;
  /** The state that an earlier look of this call showed. */
  readonly seen: 'live' | 'removed' | undefined;
  /** By when the writes must have had their effect, on upstream's clock; undefined if that is not known. */
  readonly effectBy?: number | undefined;
  /** Whether that time was over when the look ended: it may show the act of somebody else since. */
  readonly isEffectOver?: boolean | undefined;
};

export type DeleteEvidence = Evidence & {
  readonly ifPermanent: 'refuse' | 'allow';
  /** Whether upstream is known to answer 404 to a second DELETE, so that a 204 proves that the video was live. */
  readonly deleteProvesLive: boolean;
  /** Why nothing more may be sent, given only where what was sent cannot take effect any more. */
  readonly refusal?: Failed | undefined;
};

/** An outcome, or the next step towards one: a look, or the same write again. */
export type Verdict<Outcome> = { readonly outcome: Outcome } | { readonly need: 'look' | 'repeat' };

/** A failure code, or a function that computes the verdict. */
type Rule<E, O> = Exclude<FailureCode, 'NOT_ATTEMPTED'> | ((evidence: E) => Verdict<O | Failed>);
type Row<E, O> = readonly [AnswerKind, 'first' | 'lost' | 'any', Look['kind'] | 'any', Rule<E, O>];

/** `stale`: a restore was answered 200, but the body still shows the video removed, as in upstream's own sample. */
type AnswerKind = WriteAnswer['kind'] | 'stale';

// biome-ignore format: a table is read by its columns
const DELETE_TABLE: readonly Row<DeleteEvidence, DeleteOutcome>[] = [
  // answer        before   look           verdict
  ['unreachable',  'first', 'any',         repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['unprepared',   'first', 'any',         'UPSTREAM_UNAVAILABLE'],
  ['withheld',     'first', 'any',         toUnsent],
  ['unauthorized', 'first', 'any',         'UPSTREAM_UNAUTHORIZED'],
  ['rejected',     'first', 'any',         'UPSTREAM_REJECTED'],
  ['done',         'any',   'removed',     toRemoved],
  ['done',         'any',   'absent',      toGone],
  ['done',         'any',   'live',        'OUTCOME_UNKNOWN'],
  ['missing',      'first', 'removed',     toAlreadyRemoved],
  ['missing',      'first', 'live',        repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['missing',      'first', 'absent',      toGoneSince],
  ['missing',      'lost',  'removed',     toRemoved],
  ['missing',      'lost',  'live',        'OUTCOME_UNKNOWN'],
  ['missing',      'lost',  'absent',      toGone],
  ['lost',         'any',   'removed',     toRemoved],
  ['lost',         'any',   'live',        repeatedUpTo(2, toRefused)],
  ['lost',         'any',   'absent',      toGoneIfSeenLive],
];

// biome-ignore format: a table is read by its columns
const RESTORE_TABLE: readonly Row<Evidence, RestoreOutcome>[] = [
  // answer        before   look           verdict
  ['unreachable',  'first', 'any',         repeatedUpTo(1, 'UPSTREAM_UNAVAILABLE')],
  ['unprepared',   'first', 'any',         'UPSTREAM_UNAVAILABLE'],
  ['withheld',     'first', 'any',         toUnsent],
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

/** @returns the outcome of a deletion, or the next step towards one. */
export function decideDelete(evidence: DeleteEvidence): Verdict<DeleteOutcome> {
  return decide(DELETE_TABLE, evidence);
}

/** @returns the outcome of a restore, or the next step towards one. */
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
  if (row) return withDetails(apply(row[3], evidence), evidence);
  // No row matches yet: look. No row matches after a look: the look failed.
  return looked === 'none' ? { need: 'look' } : withDetails({ outcome: UNDECIDED }, evidence);
}

/** Why a write failed is for the log, and in part for the answer. When to try again is for the answer. */
function withDetails<O>(verdict: Verdict<O | Failed>, evidence: Evidence): Verdict<O | Failed> {
  if (!('outcome' in verdict) || !isFailed(verdict.outcome)) return verdict;
  const refusal = toRefusal(evidence.answer);
  const retryAfterSeconds = toWait(evidence);
  return {
    outcome: {
      ...verdict.outcome,
      ...(refusal && { refusal }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  };
}

/** How long the rate limit keeps back what would settle the video: its write, or the look at it. */
function toWait({ answer, look }: Evidence): number | undefined {
  const cause = look?.kind === 'unavailable' ? look.cause : undefined;
  const ofLook = cause instanceof BudgetExhaustedError ? cause.retryAfterSeconds : undefined;
  const ofWrite = answer.kind === 'withheld' ? answer.retryAfterSeconds : undefined;
  return ofLook === undefined || ofWrite === undefined ? (ofLook ?? ofWrite) : Math.max(ofLook, ofWrite);
}

function isFailed(outcome: unknown): outcome is Failed {
  return typeof outcome === 'object' && outcome !== null && 'kind' in outcome && outcome.kind === 'failed';
}

function apply<E extends Evidence, O>(rule: Rule<E, O>, evidence: E): Verdict<O | Failed> {
  return typeof rule === 'function' ? rule(evidence) : { outcome: failed(rule) };
}

function toUnsent({ answer }: Evidence): Verdict<Failed> {
  return { outcome: notAttempted(answer.kind === 'withheld' ? answer.reason : 'turn') };
}

/** A write that was not sent or was refused shows nothing about the lost one before it: the loss still counts. */
function toAnswerKind({ answer, lostBefore }: Evidence): AnswerKind {
  if (answer.kind === 'done' && answer.video?.removed) return 'stale';
  return lostBefore && answer.kind !== 'done' && answer.kind !== 'missing' ? 'lost' : answer.kind;
}

function repeatedUpTo<E extends Evidence, O>(times: number, otherwise: Rule<E, O>): Rule<E, O> {
  return (evidence) => {
    const { answer, lostBefore, repeats } = evidence;
    const wouldBeSent = answer.kind === 'lost' || answer.kind === 'missing' || answer.kind === 'unreachable';
    // A write that certainly had no effect can always be sent again.
    const mayRepeat = evidence.mayRepeat || (answer.kind !== 'lost' && !lostBefore);
    return wouldBeSent && mayRepeat && repeats < times ? { need: 'repeat' } : apply(otherwise, evidence);
  };
}

/**
 * Lost, and the video is unchanged. Complete answers show that upstream, or something in between, gave up; a missing answer
 * does not.
 */
function toUnchanged({ onlyFailed }: Evidence): Verdict<Failed> {
  const code = onlyFailed ? 'UPSTREAM_UNAVAILABLE' : 'OUTCOME_UNKNOWN';
  return { outcome: { ...failed(code), isUnchanged: true } };
}

function toRefused(evidence: DeleteEvidence): Verdict<Failed> {
  const { refusal } = evidence;
  return refusal && refusal.code !== 'NOT_ATTEMPTED' ? { outcome: refusal } : toUnchanged(evidence);
}

function toRemoved({
  look,
  seen,
  firstSent,
  answer,
  deleteProvesLive,
  effectBy,
  isEffectOver,
}: DeleteEvidence): Verdict<DeleteOutcome> {
  if (look?.kind !== 'removed') return { outcome: failed('OUTCOME_UNKNOWN') };
  const { video } = look;
  const wasLive = seen === 'live' || (video.removedAt === null && deleteProvesLive && answer.kind === 'done');
  // Without a time, the removal may be older than the call, or newer than its writes. A look before the next call's deletion
  // shows it as older.
  if ((!wasLive || isEffectOver) && video.removedAt === null) return { outcome: failed('OUTCOME_UNKNOWN') };
  const isForeign = wasRemovedAfter(video, effectBy) || (!wasLive && wasRemovedBefore(video, firstSent));
  return { outcome: { kind: 'removed', alreadyRemoved: isForeign, video } };
}

function toAlreadyRemoved({ look }: DeleteEvidence): Verdict<DeleteOutcome> {
  if (look?.kind !== 'removed') return { outcome: failed('OUTCOME_UNKNOWN') };
  return { outcome: { kind: 'removed', alreadyRemoved: true, video: look.video } };
}

function toGone({ ifPermanent }: DeleteEvidence): Verdict<DeleteOutcome> {
  return { outcome: ifPermanent === 'allow' ? { kind: 'destroyed' } : failed('DESTROYED') };
}

/** Absent after a 404. If the video was just live, the deletion may have been repeated on its way, and acted the first time. */
function toGoneSince(evidence: DeleteEvidence): Verdict<DeleteOutcome> {
  return evidence.seen === 'live' ? toGone(evidence) : { outcome: failed('NOT_FOUND') };
}

/** Absent after a lost deletion: destroyed by it if the video was seen live shortly before, else it may never have existed. */
function toGoneIfSeenLive(evidence: DeleteEvidence): Verdict<DeleteOutcome> {
  return evidence.seen === 'live' && !evidence.isEffectOver
    ? toGone(evidence)
    : { outcome: failed('OUTCOME_UNKNOWN') };
}

function toRestored({ answer, look, seen, isEffectOver }: Evidence): Verdict<RestoreOutcome> {
  const video = look?.kind === 'live' ? look.video : answer.kind === 'done' ? answer.video : undefined;
  if (!video) return { outcome: failed('OUTCOME_UNKNOWN') };
  const wasRemoved =
    (seen === 'removed' && !isEffectOver) || (answer.kind === 'done' && answer.provesRemoved === true);
  return { outcome: { kind: 'restored', alreadyLive: wasRemoved ? false : null, video } };
}

function toAlreadyLive({ look }: Evidence): Verdict<RestoreOutcome> {
  if (look?.kind !== 'live') return { outcome: failed('OUTCOME_UNKNOWN') };
  return { outcome: { kind: 'restored', alreadyLive: true, video: look.video } };
}
