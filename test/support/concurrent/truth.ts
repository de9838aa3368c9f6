// Holds every outcome to the true histories.
//
// A claim must have held at some moment between the call's first send and the answer; if nothing was sent, since the call
// began. No write of this act may have made it false by the time of the answer. What others do after that moment is not our
// lie; what this gateway has done itself is no excuse. `alreadyRemoved` and `alreadyLive` may be true only if no write of
// this act did it, and false only if the video was in the other state when the call began or later. "Nothing happened" is
// true if no write of this act took effect, and "nothing was sent" if upstream saw none. OUTCOME_UNKNOWN claims nothing.
import { type FailureCode, provesAbsence } from '../../../src/removal/outcomes.ts';
import { Act } from './act.ts';
import { type Excuse, type Fault, fault } from './faults.ts';
import type { Outcome } from './gateway.ts';
import { MAX_LAG_MS, REFUSAL_HOLDS_MS, type State, TOLERANCE_MS } from './history.ts';
import { isMisled } from './misled.ts';
import type { Played, Story, Told } from './play.ts';
import { isLate, type Write } from './records.ts';

export function findLie(story: Story, call: Played, told: Told): Fault | undefined {
  const judge = new Judge(story, call, told);
  const lie = judge.findLie();
  return lie && { ...lie, call: call.index, id: told.id, at: told.at };
}

/** Whether these deletions were answered falsely, for a reason that nobody at the gateway can have known. */
export function isExcused(
  story: Story,
  deletions: readonly Write[],
  until: number,
  is: (outcome: Outcome) => boolean = () => true,
): boolean {
  return deletions.some(({ call, id }) => {
    const played = story.calls[call];
    const told = played?.told.find((each) => each.id === id && each.at <= until && is(each.outcome));
    return played && told && findLie(story, played, told)?.excuse !== undefined;
  });
}

function isDestroyed(outcome: Outcome): boolean {
  return outcome.kind === 'destroyed' || (outcome.kind === 'failed' && outcome.code === 'DESTROYED');
}

class Judge {
  readonly #story: Story;
  readonly #call: Played;
  readonly #told: Told;
  readonly #act: Act;

  constructor(story: Story, call: Played, told: Told) {
    this.#story = story;
    this.#call = call;
    this.#told = told;
    this.#act = new Act(story, call, told);
  }

  findLie(): Fault | undefined {
    const { outcome } = this.#told;
    switch (outcome.kind) {
      case 'removed':
        return this.#ofRemoved(outcome.alreadyRemoved);
      case 'restored':
        return this.#ofRestored(outcome.alreadyLive);
      case 'destroyed':
        return this.#ofDestroyed('allow');
      case 'failed':
        return this.#ofFailure(outcome.code);
    }
  }

  #ofFailure(code: FailureCode): Fault | undefined {
    switch (code) {
      case 'DESTROYED':
        return this.#ofDestroyed('refuse');
      case 'NOT_FOUND':
        return this.#ofNotFound();
      case 'OUTCOME_UNKNOWN':
        return this.#act.hasSent ? undefined : fault('nothing was sent');
      case 'PERMANENT_DELETION_REFUSED':
        return this.#ofNothingSent() ?? this.#ofRefused();
      case 'NOT_ATTEMPTED':
        return this.#ofNothingSent();
      case 'INVALID_ID':
        return fault('the id is valid');
      case 'UPSTREAM_REJECTED':
        return this.#ofNothing(code) ?? this.#unlessEnded('rejected');
      default:
        return this.#ofNothing(code);
    }
  }

  #ofRemoved(alreadyRemoved: boolean): Fault | undefined {
    const { life, ours, from, begunAt, toldAt } = this.#act;
    const destroyed = ours.find(({ state }) => state === 'absent');
    const removals = life
      .spent('removed', from - TOLERANCE_MS, toldAt)
      .filter(({ at }) => at > from - TOLERANCE_MS);
    const isPassedForOurs = removals.some((moment) => this.#act.isByStrangers(moment));
    if (destroyed) {
      return fault('it was destroyed by us', [
        ['removed by others within the tolerance', isPassedForOurs],
        ['a lost write came true after the last look', this.#act.isUnseen(destroyed)],
      ]);
    }
    if (!this.#act.was('removed', from)) {
      const isMissed = this.#act.wasRemovedByStrangers(from - MAX_LAG_MS);
      return this.#unlessJustBefore('removed', [['removed by others within the tolerance', isMissed]]);
    }
    const removed = ours.find(({ state }) => state === 'removed');
    if (alreadyRemoved && removed)
      return fault('it was removed by us', [
        ['a lost write came true after the last look', this.#act.isUnseen(removed)],
      ]);
    // The date of a removal shortly before the call is within the tolerance, so the gateway may take it for its own.
    if (!alreadyRemoved && !this.#act.was('live', begunAt))
      return fault('it was removed before the call', [
        [
          'removed by others within the tolerance',
          this.#act.wasUntilStrangers('live', begunAt - TOLERANCE_MS),
        ],
      ]);
    return undefined;
  }

  #ofRestored(alreadyLive: boolean | null): Fault | undefined {
    const { ours, from, begunAt } = this.#act;
    if (!this.#act.was('live', from)) return this.#unlessJustBefore('live');
    if (alreadyLive === true && ours.length > 0) return fault('it was restored by us');
    if (alreadyLive === false && !this.#act.was('removed', begunAt))
      return fault('it was live before the call', [
        ['a read told of just before the call', this.#act.wasUntilStrangers('removed', begunAt - MAX_LAG_MS)],
      ]);
    return undefined;
  }

  #ofDestroyed(ifPermanent: 'allow' | 'refuse'): Fault | undefined {
    const { act, ifPermanent: asked } = this.#call;
    if (act !== 'delete' || asked !== ifPermanent) return fault(`the call said ${act}, ${asked}`);
    if (this.#act.last.state !== 'absent') return this.#unlessMoving('it is still there');
    const { begunAt, earliestShown } = this.#act;
    if (this.#act.was('live', begunAt) || this.#act.was('removed', begunAt)) return undefined;
    return fault('it was not there when the call began', [
      [
        'a read told of just before the call',
        this.#act.wasUntilStrangers('live', earliestShown) ||
          this.#act.wasUntilStrangers('removed', earliestShown),
      ],
    ]);
  }

  #ofNotFound(): Fault | undefined {
    if (this.#act.last.state !== 'absent') return this.#unlessMoving('it is there');
    if (this.#act.ours.some(({ state }) => state === 'absent')) return fault('it was destroyed by us');
    return undefined;
  }

  #ofRefused(): Fault | undefined {
    const { at } = this.#told;
    const { writes, project } = this.#story.upstream;
    const since = at - REFUSAL_HOLDS_MS;
    if (project.videoRestore.wasOff(since, at)) return undefined;
    const deletions = writes.filter(
      ({ gateway, act, sentAt }) => gateway === this.#call.gateway && act === 'delete' && sentAt > since,
    );
    return fault('Video Restore was on', [
      ['others destroyed what it was deleting', isMisled(this.#story, deletions, 'absent', at)],
      ['an earlier answer was excused', isExcused(this.#story, deletions, at, isDestroyed)],
    ]);
  }

  #ofNothingSent(): Fault | undefined {
    if (this.#act.ours.length > 0) return fault('a write of ours took effect');
    // A write that upstream answered with 404 has changed nothing either.
    const sent = this.#act.writes.find(
      ({ end }) => end !== 'unsent' && end !== 'limited' && end !== 'unauthorized' && end !== 'missing',
    );
    return sent && fault(`a write was sent, and ended ${sent.end}`);
  }

  #ofNothing(code: FailureCode): Fault | undefined {
    const { ours, life, writes } = this.#act;
    if (ours.length === 0) return undefined;
    const isUndone = (moment: (typeof ours)[number]) => {
      const next = life.after(moment);
      return next !== undefined && this.#act.isByStrangers(next);
    };
    const standing = ours.filter((moment) => !isUndone(moment));
    const is5xx = code === 'UPSTREAM_UNAVAILABLE' && !writes.some(({ end }) => end === 'lost');
    return fault('a write of ours took effect', [
      ['others undid it', is5xx && standing.length === 0],
      ['a 5xx came true later', is5xx && standing.every(isLate)],
    ]);
  }

  #unlessEnded(how: 'rejected'): Fault | undefined {
    return this.#act.writes.some(({ end }) => end === how) ? undefined : fault(`no write was ${how}`);
  }

  /** A lost write rules this excuse out, because the gateway can wait out its lag. */
  #unlessJustBefore(state: State, excuses: readonly (readonly [Excuse, boolean])[] = []): Fault {
    const { from, hasLost } = this.#act;
    return fault(`it was not ${state}`, [
      [
        'a read told of just before the call',
        !hasLost && this.#act.wasUntilStrangers(state, from - MAX_LAG_MS),
      ],
      ...excuses,
    ]);
  }

  /** Whether an earlier answer of this gateway said so, which is judged by itself. */
  #wasToldAbsent(): boolean {
    const { id, at } = this.#told;
    return this.#story.calls.some(
      ({ gateway, told }) =>
        gateway === this.#call.gateway &&
        told.some((each) => each.id === id && each.at < at && provesAbsence(each.outcome)),
    );
  }

  #unlessMoving(claim: string): Fault {
    const reads = this.#act.readsOfNothing;
    const from = Math.min(...reads.map(({ of }) => of));
    return fault(claim, [
      [
        'it moved while it was looked for',
        reads.length > 0 && this.#act.movesByStrangers(from, this.#told.at) > 1,
      ],
      ['it moved while it was looked for earlier', reads.length === 0 && this.#wasToldAbsent()],
    ]);
  }
}
