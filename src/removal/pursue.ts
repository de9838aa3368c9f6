// Pursues one write on one video until the decision table has an outcome: sends it, looks, and sends it again if the
// table requires that. Deletions and restores share it; it decides nothing itself.
import type { Sent } from '../upstream/upstream-clock.ts';
import type { WriteAnswer } from '../upstream/write-answer.ts';
import type { Evidence, Verdict } from './decision-table.ts';
import type { EndedWrite, Look } from './look.ts';

export type Pursuit<Outcome> = {
  readonly write: () => Promise<WriteAnswer>;
  /** Looks at the video after an answer that needs it. */
  readonly look: (answer: WriteAnswer, write: Omit<EndedWrite, 'goal'>) => Promise<Look>;
  readonly decide: (evidence: Evidence) => Verdict<Outcome>;
  /** Whether a retry is harmless even if a lost write still takes effect. Called once a write is lost. */
  readonly mayRepeat: () => Promise<boolean>;
  /** Whether another act on the video has just ended, so that reads may not show its effect yet. */
  readonly isFresh: boolean;
  /** The state that an earlier look of the same call showed. */
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

/** An unsent write or a 404 changes nothing, but an earlier write may have: then the look treats this one as lost. */
function toEnd({ kind }: WriteAnswer, mayHaveChanged: boolean): EndedWrite['answer'] {
  if (kind === 'done') return 'done';
  return kind === 'missing' && !mayHaveChanged ? 'missing' : 'lost';
}
