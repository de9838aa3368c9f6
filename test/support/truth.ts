// Checks whether an answer is true to the video's history in the model.
//
// A claim must have held at some moment between the call's first send and the answer; if nothing was sent, since the call
// began. No write of ours may have made it false by the time of the answer. What others do after that moment is not our
// lie. `alreadyRemoved` and `alreadyLive` may be true only if no write of ours did it, and false only if the video was in
// the other state when the call began or later. "Nothing happened" is true if no write of ours took effect.
// OUTCOME_UNKNOWN is right only if what the gateway saw allows two answers, or if it saw nothing.
//
// The design itself accepts some answers that are not strictly true. Each such excuse has a name here, and is counted.
import type { DeleteOutcome, RestoreOutcome } from '../../src/removal/outcomes.ts';
import { MAX_LAG_MS } from './histories.ts';
import type { Moment, State, UpstreamModel } from './upstream-model.ts';

export type Excuse =
  /** A read may show a state of up to one lag ago, so the claim may have held just before the first send. */
  | 'a read told of just before the call'
  /** "Absent: … at once; after a write of ours also once more after 2 s": the reads can miss a move at that very time. */
  | 'it moved while it was looked for'
  /** "UPSTREAM_UNAVAILABLE after complete 5xx answers": upstream reported a failure, and acted later. */
  | 'a 5xx came true later'
  /** A write that others have undone looks as if it had never happened. */
  | 'others undid it'
  /** "a time of removal not before the send (± 2 s)": a removal by others at that time passes for ours. */
  | 'removed by others within the tolerance'
  /** A write of ours took effect after the moment that the last read showed. */
  | 'a lost write came true after the last look';

/** A false claim of an answer, with its excuse if there is one. */
export type Lie = { readonly claim: string; readonly excuse: Excuse | undefined };

/** The gateway's ± 2 s, a second for upstream's truncated Date, and the time that an answer travels. */
const TOLERANCE_MS = 3_100;

/** One look reads the removed videos, the live ones, and the removed ones again. */
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
    // The date of a removal shortly before the call is within the tolerance, so the gateway may take it for its own.
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

  /** Whether the video was in that state at any moment since `from`. */
  #was(state: State, from: number): boolean {
    const { timeline } = this.#model;
    return timeline.some(
      (moment, index) =>
        moment.state === state && (timeline[index + 1]?.at ?? Number.POSITIVE_INFINITY) > from,
    );
  }

  /** A lost write rules this excuse out, because the gateway can wait out its lag. */
  #lieUnlessJustBefore(state: State): Lie {
    const hasLost = this.#model.shown.some(
      (each) => 'write' in each && (each.write === 'lost' || each.write === 'failed'),
    );
    return lie(`it was not ${state}`, [
      ['a read told of just before the call', !hasLost && this.#was(state, this.#from - MAX_LAG_MS)],
    ]);
  }

  /**
   * The reads of a look cannot miss a single move, unless their lags reverse their order, and the earliest moment that they
   * show was before the move.
   */
  #lieUnlessMoving(claim: string): Lie {
    const { shown, timeline } = this.#model;
    const moments = shown
      .flatMap((each) => ('of' in each && each.read === 'nothing' ? [each.of] : []))
      .slice(-READS_OF_A_LOOK);
    const isReversed = moments.some((of, index) => of < (moments[index - 1] ?? of));
    const moves = timeline.filter(({ at }) => at > Math.min(...moments)).length;
    return lie(claim, [['it moved while it was looked for', moves > (isReversed ? 0 : 1)]]);
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
 * Whether what the gateway saw allows two answers. Approximate, and strict: looks before the last write count only by what
 * they showed, and the last look only by its end. Writes that were refused, answered 404 or not
 * sent count as without effect.
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
      // The deletion took effect since, or never.
      return act === 'delete' && mayHaveActed;
    case 'removed':
      // The restore took effect since, or never; or upstream's 404 and its read contradict each other.
      return act === 'restore';
    case 'absent':
    case 'nothing':
      // Our deletion destroyed the video, or it never existed; or upstream acknowledged the restore of an absent video.
      if (act === 'restore') return writes.includes('done');
      return (
        mayHaveActed &&
        !writes.includes('done') &&
        !before.some((each) => 'read' in each && (each.read === 'live' || each.read === 'removed'))
      );
  }
}
