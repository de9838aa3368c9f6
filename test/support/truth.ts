// Whether an answer is true to the life that the video had in the model.
//
// What an answer claims must have been so at some moment between the first send of the call (its beginning, where nothing
// was sent) and the answer; and nothing of ours may have made it false by then. What others do after that moment is not
// our lie. `alreadyRemoved` and `alreadyLive` are about who did it: true where no write of ours has, false where the video
// was in the other state when the call began or later. That nothing happened is true where no write of ours had taken
// effect. OUTCOME_UNKNOWN is right only where what the gateway was shown has two right answers, or where it was shown
// nothing.
//
// Where the design itself accepts an answer that is not true so strictly, that is an excuse: named here, and counted.
import type { DeleteOutcome, RestoreOutcome } from '../../src/removal/outcomes.ts';
import { MAX_LAG_MS } from './histories.ts';
import type { Moment, State, UpstreamModel } from './upstream-model.ts';

export type Excuse =
  /** A read tells of up to one lag ago; so it was so then, just before the first send. */
  | 'a read told of just before the call'
  /** "Absent: … at once; after a write of ours also once more after 2 s": a move at that very time can be missed. */
  | 'it moved while it was looked for'
  /** "UPSTREAM_UNAVAILABLE after complete 5xx answers": upstream said that it gave up, and had not. */
  | 'a 5xx came true later'
  /** What others have turned back looks as if it had never been. */
  | 'others undid it'
  /** "a time of removal not before the send (± 2 s)": another's removal of that time passes for ours. */
  | 'removed by others within the tolerance'
  /** A write of ours came true after the moment that the last read told of. */
  | 'a lost write came true after the last look';

/** What is false of an answer, unless there is an excuse for it; undefined where it is true. */
export type Lie = { readonly claim: string; readonly excuse: Excuse | undefined };

/** The gateway's ± 2 s, a second by which upstream's Date is cut, and the way of an answer. */
const TOLERANCE_MS = 3_100;

/** The removed place, the live one, and the removed one again. */
const READS_OF_A_LOOK = 3;

export function findLie(
  act: 'delete' | 'restore',
  outcome: DeleteOutcome | RestoreOutcome,
  model: UpstreamModel,
): Lie | undefined {
  const life = new Life(model);
  switch (outcome.kind) {
    case 'removed':
      return life.findLieOfRemoved(outcome.alreadyRemoved);
    case 'restored':
      return life.findLieOfRestored(outcome.alreadyLive);
    case 'destroyed':
      return life.findLieOfDestroyed();
    case 'failed':
      switch (outcome.code) {
        case 'DESTROYED':
          return life.findLieOfDestroyed();
        case 'NOT_FOUND':
          return life.findLieOfNotFound();
        case 'OUTCOME_UNKNOWN':
          return isUnknowable(act, model) ? undefined : lie('it could be known what happened');
        default:
          return life.findLieOfNothing(outcome.code);
      }
  }
}

class Life {
  readonly #model: UpstreamModel;
  readonly #from: number;
  readonly #ours: readonly Moment[];
  readonly #last: Moment | undefined;

  constructor(model: UpstreamModel) {
    this.#model = model;
    this.#from = model.firstSentAt ?? 0;
    this.#ours = model.timeline.filter(({ by }) => by === 'us');
    this.#last = model.timeline.at(-1);
  }

  findLieOfRemoved(alreadyRemoved: boolean): Lie | undefined {
    const { timeline } = this.#model;
    const destroyed = this.#ours.find(({ state }) => state === 'absent');
    if (destroyed) {
      const isPassedForOurs = timeline.some(
        ({ at, by, state }) => by === 'others' && state === 'removed' && at >= this.#from - TOLERANCE_MS,
      );
      return lie('it was destroyed by us', [
        ['removed by others within the tolerance', isPassedForOurs],
        ['a lost write came true after the last look', this.#cameTrueUnseen(destroyed)],
      ]);
    }
    if (!this.#was('removed', this.#from)) return this.#lieUnlessJustBefore('removed');
    const removed = this.#ours.find(({ state }) => state === 'removed');
    if (alreadyRemoved && removed)
      return lie('it was removed by us', [
        ['a lost write came true after the last look', this.#cameTrueUnseen(removed)],
      ]);
    // What was removed so shortly before is dated as if it were since.
    if (!alreadyRemoved && !this.#was('live', -TOLERANCE_MS)) return lie('it was removed before the call');
    return undefined;
  }

  findLieOfRestored(alreadyLive: boolean | null): Lie | undefined {
    if (!this.#was('live', this.#from)) return this.#lieUnlessJustBefore('live');
    if (alreadyLive === true && this.#ours.length > 0) return lie('it was restored by us');
    if (alreadyLive === false && !this.#was('removed', -MAX_LAG_MS))
      return lie('it was live before the call');
    return undefined;
  }

  findLieOfDestroyed(): Lie | undefined {
    if (this.#last?.state !== 'absent') return this.#lieUnlessMoving('it is still there');
    if (!this.#was('live', -MAX_LAG_MS) && !this.#was('removed', -MAX_LAG_MS))
      return lie('it never was there');
    return undefined;
  }

  findLieOfNotFound(): Lie | undefined {
    if (this.#last?.state !== 'absent') return this.#lieUnlessMoving('it is there');
    if (this.#ours.some(({ state }) => state === 'absent')) return lie('it was destroyed by us');
    return undefined;
  }

  findLieOfNothing(code: string): Lie | undefined {
    if (this.#ours.length === 0) return undefined;
    const { timeline } = this.#model;
    const isUndone = (moment: Moment) => timeline[timeline.indexOf(moment) + 1]?.by === 'others';
    const standing = this.#ours.filter((moment) => !isUndone(moment));
    const is5xx =
      code === 'UPSTREAM_UNAVAILABLE' &&
      !this.#model.shown.some((each) => 'write' in each && each.write === 'lost');
    return lie('a write of ours took effect', [
      ['others undid it', is5xx && standing.length === 0],
      ['a 5xx came true later', is5xx && standing.every(({ late }) => late)],
    ]);
  }

  /** Whether the video was in that state at any moment since then. */
  #was(state: State, from: number): boolean {
    const { timeline } = this.#model;
    return timeline.some(
      (moment, index) =>
        moment.state === state && (timeline[index + 1]?.at ?? Number.POSITIVE_INFINITY) > from,
    );
  }

  /** After a lost write there is no such excuse: its lag can be waited out. */
  #lieUnlessJustBefore(state: State): Lie {
    const hasLost = this.#model.shown.some(
      (each) => 'write' in each && (each.write === 'lost' || each.write === 'failed'),
    );
    return lie(`it was not ${state}`, [
      ['a read told of just before the call', !hasLost && this.#was(state, this.#from - MAX_LAG_MS)],
    ]);
  }

  /**
   * One move cannot be missed by the reads of a look, unless their lags turn their order round: then the earliest moment
   * that they told of was before it.
   */
  #lieUnlessMoving(claim: string): Lie {
    const { shown, timeline } = this.#model;
    const told = shown
      .flatMap((each) => ('of' in each && each.read === 'nothing' ? [each.of] : []))
      .slice(-READS_OF_A_LOOK);
    const isTurnedRound = told.some((of, index) => of < (told[index - 1] ?? of));
    const moves = timeline.filter(({ at }) => at > Math.min(...told)).length;
    return lie(claim, [['it moved while it was looked for', moves > (isTurnedRound ? 0 : 1)]]);
  }

  #cameTrueUnseen({ at, late }: Moment): boolean {
    const last = this.#model.shown.at(-1);
    return late && last !== undefined && 'of' in last && at > last.of;
  }
}

function lie(claim: string, excuses: readonly (readonly [Excuse, boolean])[] = []): Lie {
  return { claim, excuse: excuses.find(([, holds]) => holds)?.[0] };
}

/**
 * Whether two answers would be right by what was shown. Approximate, and strict: of the looks before the last write only
 * what they showed counts, of the last look only how it ended; and a write that was answered 404, refused or not sent is
 * taken to have done nothing.
 */
function isUnknowable(act: 'delete' | 'restore', { shown }: UpstreamModel): boolean {
  const last = shown.at(-1);
  if (!last || !('read' in last) || last.read === 'fault') return true;
  const writes = shown.flatMap((each) => ('write' in each ? [each.write] : []));
  const before = shown.slice(
    0,
    shown.findLastIndex((each) => 'write' in each),
  );
  const mayHaveActed = writes.some((write) => write === 'done' || write === 'lost' || write === 'failed');
  switch (last.read) {
    case 'live':
      // A deletion that came true since, or never.
      return act === 'delete' && mayHaveActed;
    case 'removed':
      // A restore that came true since, or never; or upstream's 404 and its read contradict each other.
      return act === 'restore';
    case 'absent':
    case 'nothing':
      // Gone by our deletion, or never there; or upstream has acknowledged the restore of what is nowhere.
      if (act === 'restore') return writes.includes('done');
      return (
        mayHaveActed &&
        !writes.includes('done') &&
        !before.some((each) => 'read' in each && (each.read === 'live' || each.read === 'removed'))
      );
  }
}
