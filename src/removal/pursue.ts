// Pursues one write on one video until the decision table has an outcome: sends it, looks, and sends it again if the
// table requires that. Deletions and restores share it; it decides nothing itself.
import type { Look } from '../search/look.ts';
import { OPEN_MS } from '../search/recent-writes.ts';
import type { Sent } from '../upstream/upstream-clock.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import type { Evidence, Verdict } from './decision-table.ts';
import type { EndedWrite } from './look-after-write.ts';
import type { Failed } from './outcomes.ts';
import { isOver } from './removal-date.ts';

/** A write of which nothing is known but that it may have been sent: the process that was to send it ended. */
export type EarlierSend = Sent & {
  /** When it had ended at the latest, on the clock of `performance.now()`. */
  readonly endedAt: number;
  /** Whether a look right before it had shown the video in the state that it changes. */
  readonly isSeen: boolean;
  /** By when it must have had its effect, if it has one, on upstream's clock; undefined if that is not known. */
  readonly effectBy: number | undefined;
};

/** Whether an earlier deletion cannot take effect any more, and nothing was sent since. @param latest - what was sent last. */
export function isPast(
  earlierSend: EarlierSend | undefined,
  latest: Sent | undefined = earlierSend,
): boolean {
  if (earlierSend === undefined || latest !== earlierSend) return false;
  return performance.now() > earlierSend.endedAt + OPEN_MS;
}

/** The answer to a write, or the outcome if it turned out that nothing may or need be sent. */
export type Step<Outcome> = WriteAnswer | { readonly kind: 'ended'; readonly outcome: Outcome };

export type Pursuit<Outcome> = {
  write(): Promise<Step<Outcome>>;
  /** Looks at the video after an answer that needs it. */
  look(answer: WriteAnswer, write: Omit<EndedWrite, 'goal'>): Promise<Look>;
  decide(evidence: Evidence): Verdict<Outcome>;
  /** Whether a retry is harmless even if a lost write still takes effect. Called once a write is lost. */
  mayRepeat(): Promise<boolean>;
  /** When another act of ours on the video ended, if that was so recent that reads may not show its effect yet. */
  readonly earlierActAt: number | undefined;
  /** The state that the latest look before the write showed. */
  readonly seen: Evidence['seen'];
  /** Then the pursuit begins with a look, as after a lost answer. */
  readonly earlierSend?: EarlierSend | undefined;
  /** The earliest time that upstream's clock can show now. */
  upstreamNow(): number;
};

export async function pursue<Outcome extends object>(
  pursuit: Pursuit<Outcome | Failed>,
): Promise<Outcome | Failed> {
  let seen: Evidence['seen'];
  let firstSent: Sent | undefined;
  let lostBefore = false;
  let onlyFailed = true;
  /** No bound holds for what is sent from now on. */
  let effectBy = pursuit.earlierSend?.effectBy;
  /** The evidence of an earlier write that upstream refused with 404. */
  let refused: Evidence | undefined;
  for (let repeats = 0; ; repeats += 1) {
    const { earlierSend } = pursuit;
    const isResumed = earlierSend !== undefined && repeats === 0;
    const step: Step<Outcome | Failed> = isResumed
      ? {
          kind: 'lost',
          failed: false,
          sentAt: earlierSend.sentAt,
          upstreamSentAt: earlierSend.upstreamSentAt,
        }
      : await pursuit.write();
    if (step.kind === 'ended' && !lostBefore && !(refused && claimsNothingSent(step.outcome)))
      return step.outcome;
    const answer = step.kind === 'ended' ? toWithheld(step.outcome) : step;
    // The repeat could not be sent: the answer to the write before decides.
    if (refused && !lostBefore && isUnsent(answer)) {
      const verdict = pursuit.decide({ ...refused, repeats: Number.POSITIVE_INFINITY });
      if ('outcome' in verdict) return verdict.outcome;
    }
    if (answer.kind === 'done' || answer.kind === 'lost') firstSent ??= answer;
    if (answer.kind === 'lost') onlyFailed &&= answer.failed;
    if (!isResumed && (answer.kind === 'done' || answer.kind === 'lost')) effectBy = undefined;
    let evidence: Evidence = {
      answer,
      look: undefined,
      firstSent,
      lostBefore,
      onlyFailed,
      repeats,
      mayRepeat: true,
      seen: seen ?? pursuit.seen,
      effectBy,
      isEffectOver: false,
    };
    let verdict = pursuit.decide(evidence);
    if ('need' in verdict && verdict.need === 'look') {
      const write = {
        answer: toEnd(answer, lostBefore || pursuit.earlierActAt !== undefined),
        sent: firstSent,
        endedAt: isResumed ? earlierSend.endedAt : performance.now(),
        earlierActAt: pursuit.earlierActAt,
      };
      const look = await pursuit.look(answer, write);
      evidence = { ...evidence, look, isEffectOver: isOver(effectBy, pursuit.upstreamNow()) };
      verdict = pursuit.decide(evidence);
      if (look.kind === 'live' || look.kind === 'removed') seen = look.kind;
    }
    lostBefore ||= answer.kind === 'lost';
    if ('need' in verdict && lostBefore && !(await pursuit.mayRepeat())) {
      verdict = pursuit.decide({ ...evidence, mayRepeat: false });
    }
    if ('outcome' in verdict) return verdict.outcome;
    if (answer.kind === 'missing') refused = evidence;
  }
}

/** A write that was not sent after an earlier one: the earlier one decides, and this only says when to try again. */
function toWithheld(outcome: object): WriteAnswer {
  const seconds = 'retryAfterSeconds' in outcome ? outcome.retryAfterSeconds : undefined;
  const retryAfterSeconds = typeof seconds === 'number' ? seconds : undefined;
  return { kind: 'withheld', reason: 'turn', retryAfterSeconds };
}

function isUnsent({ kind }: WriteAnswer): boolean {
  return kind === 'withheld' || kind === 'unprepared' || kind === 'unauthorized' || kind === 'unreachable';
}

function claimsNothingSent(outcome: object): boolean {
  const code = 'code' in outcome ? outcome.code : undefined;
  return code === 'NOT_ATTEMPTED' || code === 'PERMANENT_DELETION_REFUSED';
}

/** An unsent write or a 404 changes nothing, but an earlier write may have: then the look treats this one as lost. */
function toEnd({ kind }: WriteAnswer, mayHaveChanged: boolean): EndedWrite['answer'] {
  if (kind === 'done') return 'done';
  return kind === 'missing' && !mayHaveChanged ? 'missing' : 'lost';
}
