// Pursues one write on one video until the decision table has an outcome for it: sends, looks, and sends again where the
// table says so. Shared by deleting and restoring; it decides nothing itself.
import type { Sent } from '../upstream/upstream-clock.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import type { Evidence, Verdict } from './decision-table.ts';
import type { EndedWrite, Look } from './look.ts';

export type Pursuit<Outcome> = {
  readonly write: () => Promise<WriteAnswer>;
  /** Looks at the video after an answer that needs it. */
  readonly look: (answer: WriteAnswer, write: Omit<EndedWrite, 'goal'>) => Promise<Look>;
  readonly decide: (evidence: Evidence) => Verdict<Outcome>;
  /** Whether sending it again can do no harm, should a lost one take effect yet. Asked once one is lost. */
  readonly mayRepeat: () => Promise<boolean>;
  /** Whether another act has just ended on the video, so that reads may not show its state yet. */
  readonly isFresh: boolean;
  /** What a look of the same call has shown before. */
  readonly seen: Evidence['seen'];
};

export async function pursue<Outcome>(pursuit: Pursuit<Outcome>): Promise<Outcome> {
  let { seen } = pursuit;
  let firstSent: Sent | undefined;
  let lostBefore = false;
  let onlyFailed = true;
  for (let repeats = 0; ; repeats += 1) {
    const answer = await pursuit.write();
    if (answer.kind === 'done' || answer.kind === 'lost') firstSent ??= answer;
    if (answer.kind === 'lost') onlyFailed &&= answer.failed;
    let evidence: Evidence = {
      answer,
      look: undefined,
      firstSent,
      lostBefore,
      onlyFailed,
      repeats,
      mayRepeat: true,
      seen,
    };
    let verdict = pursuit.decide(evidence);
    if ('need' in verdict && verdict.need === 'look') {
      const write = {
        answer: toEnd(answer, lostBefore || pursuit.isFresh),
        sent: firstSent,
        endedAt: performance.now(),
      };
      const look = await pursuit.look(answer, write);
      evidence = { ...evidence, look };
      verdict = pursuit.decide(evidence);
      if (look.kind === 'live' || look.kind === 'removed') seen = look.kind;
    }
    lostBefore ||= answer.kind === 'lost';
    if ('need' in verdict && lostBefore && !(await pursuit.mayRepeat())) {
      verdict = pursuit.decide({ ...evidence, mayRepeat: false });
    }
    if ('outcome' in verdict) return verdict.outcome;
  }
}

/** A write that was not sent, or found nothing, leaves what went before it as it was. */
function toEnd({ kind }: WriteAnswer, mayHaveChanged: boolean): EndedWrite['answer'] {
  if (kind === 'done') return 'done';
  return kind === 'missing' && !mayHaveChanged ? 'missing' : 'lost';
}
