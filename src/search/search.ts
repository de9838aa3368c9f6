// Looks for the videos of one call: each is found live or removed, or proved to be absent, or the call's time runs out.
//
// A video that others move can be missed in both places at once. So it is absent only if two rounds miss it in both, and the
// second one begins once reads show everything that was done before the end of the first. Each round reads a whole list, or
// the videos one by one, whatever takes fewer reads. One walk through a list proves nothing by itself: whatever leaves or
// enters the list meanwhile shifts its pages.
import { setImmediate } from 'node:timers/promises';
import type { Caller, ReadKind } from '../upstream/caller.ts';
import { PLACES, type Place } from '../upstream/dialects.ts';
import { forEachOf, MOST_IN_PROGRESS } from '../upstream/for-each-of.ts';
import { pause } from '../upstream/pause.ts';
import { BudgetExhaustedError, isOfCaller, toCancelled } from '../upstream/upstream-errors.ts';
import { FEW } from './list-walks.ts';
import { type Look, toLook } from './look.ts';
import { partition, spread } from './parts.ts';
import { recall } from './recall.ts';
import { provableFrom, type SearchState } from './search-state.ts';
import { SOME, walkThrough } from './walk-through.ts';

/** How often a search looks for what it has not settled. */
const MOST_ATTEMPTS = 3;
/** How many videos are settled without a break. */
const STEPS_AT_ONCE = 200;

export type SearchOptions = {
  readonly caller: Caller;
  /** Where the first round looks, in this order, and the kind of its reads. The second round has kind `prove`. */
  readonly firstRound: readonly [readonly [Place, ReadKind], readonly [Place, ReadKind]];
  /** Called once for each video, as soon as it is found, proved to be absent, or given up. */
  readonly onLook: (id: string, look: Look) => void;
};

/**
 * Looks for videos. It rejects only for a fault of the gateway, and even then each video has its look.
 *
 * @param ids - distinct ids of videos.
 */
export async function search(
  state: SearchState,
  ids: readonly string[],
  options: SearchOptions,
): Promise<void> {
  const { onLook } = options;
  const one = new Search(state, ids, options);
  try {
    await one.run();
  } finally {
    for (const [id, cause] of one.unanswered()) onLook(id, { kind: 'unavailable', cause });
  }
}

class Search {
  readonly #state: SearchState;
  readonly #options: SearchOptions;
  /** The ids without a result. */
  readonly #open: Set<string>;
  /** Why videos could not be looked up. */
  readonly #causes = new Map<string, unknown>();
  /** Whether a list has shown one of them. */
  #listsShowSome = false;
  #steps = 0;

  constructor(state: SearchState, ids: readonly string[], options: SearchOptions) {
    this.#state = state;
    this.#options = options;
    this.#open = new Set(ids);
  }

  async run(): Promise<void> {
    const { misses } = this.#state;
    await this.#recall();
    // An act of ours on a video ends what was missed before it.
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      // An earlier call has ended the first round of some of them, and has begun that of others.
      const [missed, others] = partition(this.#unseen(), (id) => misses.countsFrom(id) !== undefined);
      const [begun, fresh] = partition(others, (id) => misses.has(id));
      await Promise.all([
        this.#secondRound(missed),
        this.#endFirstRound(begun).then(() => this.#secondRound(begun)),
        this.#firstRound(fresh).then(() => this.#secondRound(fresh)),
      ]);
    }
  }

  unanswered(): (readonly [id: string, cause: unknown])[] {
    const retryAfterSeconds = this.#state.readsResetInSeconds();
    return [...this.#open].map((id) => {
      const cause = this.#causes.get(id);
      const isUndated = cause instanceof BudgetExhaustedError && cause.retryAfterSeconds === undefined;
      return [id, isUndated ? new BudgetExhaustedError(retryAfterSeconds, cause.reason) : cause] as const;
    });
  }

  async #recall(): Promise<void> {
    const { caller, firstRound } = this.#options;
    const [[, kind]] = firstRound;
    const { absent, doubtful, error } = await recall(this.#state, [...this.#open], kind, caller);
    // Nothing is remembered of the others, so that they may still be found.
    if (error !== undefined) this.#giveUp(isOfCaller(error) ? this.#open : doubtful, error);
    for (const id of absent) {
      this.#settle(id, { kind: 'absent' });
      await this.#breathe();
    }
  }

  /** Lets others have their turn: settling thousands of videos takes a while. */
  async #breathe(): Promise<void> {
    this.#steps += 1;
    if (this.#steps % STEPS_AT_ONCE === 0) await setImmediate();
  }

  /** Looks for all of them in one place, and only then in the other: whatever is found is waited for. */
  async #firstRound(ids: readonly string[]): Promise<void> {
    const { misses, videos } = this.#state;
    const { caller, firstRound } = this.#options;
    const missedIn: Record<Place, Set<string>> = { live: new Set(), removed: new Set() };
    for (const [place, kind] of firstRound) {
      const wanted = this.#unseen(ids).filter((id) => !missedIn[place].has(id));
      for (const id of await this.#walk(place, wanted, Number.NEGATIVE_INFINITY, kind))
        missedIn[place].add(id);
      const rest = this.#unseen(wanted).filter((id) => !missedIn[place].has(id));
      await forEachOf(rest, MOST_IN_PROGRESS, async (id) => {
        if (!(await this.#isMissed(id, [place], kind))) return;
        for (const each of await videos.placesShownWith(place, caller)) missedIn[each].add(id);
      });
    }
    const endedAt = performance.now();
    for (const id of ids.filter((each) => this.#open.has(each))) {
      if (missedIn.live.has(id) && missedIn.removed.has(id)) misses.note(id, endedAt);
      else if (missedIn.live.has(id) || missedIn.removed.has(id)) misses.noteHalf(id);
    }
  }

  /** For videos that an earlier call has not found where it looked first: each whole round is kept at once. */
  async #endFirstRound(ids: readonly string[]): Promise<void> {
    const { misses } = this.#state;
    await this.#lookEverywhere(ids, Number.NEGATIVE_INFINITY, (id) => misses.note(id, performance.now()));
  }

  /** For the videos that a first round has missed: once reads show what was done before its end. */
  async #secondRound(ids: readonly string[]): Promise<void> {
    const { walks } = this.#state;
    const wanted = this.#unseen(ids).filter((id) => provableFrom(this.#state, id) !== undefined);
    // A walk that is under way counts for those whose first round had ended before it.
    const [earlier, later] = partition(wanted, (id) =>
      PLACES.some((place) => (walks.beganAt(place) ?? 0) >= (provableFrom(this.#state, id) ?? 0)),
    );
    await Promise.all([this.#prove(earlier), this.#prove(later)]);
  }

  async #prove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const since = ids.reduce((latest, id) => Math.max(latest, provableFrom(this.#state, id) ?? 0), 0);
    const { caller } = this.#options;
    if (!(await pause(since - performance.now(), caller)))
      return this.#giveUp(ids, caller.signal?.aborted ? toCancelled(caller.signal) : undefined);
    await this.#lookEverywhere(ids, since, (id) => {
      this.#state.absences.note(id);
      this.#settle(id, { kind: 'absent' });
    });
  }

  /**
   * One round for each video, as a whole.
   *
   * @param since - only walks that began no earlier count.
   * @param onMissed - called for each that no place shows.
   */
  async #lookEverywhere(
    ids: readonly string[],
    since: number,
    onMissed: (id: string) => void,
  ): Promise<void> {
    const missed: Record<Place, ReadonlySet<string>> = { live: new Set(), removed: new Set() };
    // In the same order each time: else, a video escapes two rounds by two moves; so, it takes three.
    const order = this.#options.firstRound.map(([place]) => place);
    for (const place of order) missed[place] = await this.#walk(place, this.#unseen(ids), since, 'prove');
    const open = this.#unseen(ids);
    // What shifts the pages of both walks hides a video in both. Few are worth another look.
    const areMany = open.length > SOME;
    // Lists that have shown none of them may lack what upstream has: a few of them tell.
    const sample = areMany && !this.#listsShowSome ? spread(open, FEW) : [];
    let trustsLists = areMany && this.#listsShowSome;
    const isMissed = async (id: string) => {
      const places = order.filter((place) => !(trustsLists && missed[place].has(id)));
      if (places.length > 0 && !(await this.#isMissed(id, places, 'prove'))) return false;
      onMissed(id);
      await this.#breathe();
      return true;
    };
    const areMissed = await Promise.all(sample.map(isMissed));
    trustsLists ||= areMissed.length > 0 && areMissed.every(Boolean);
    const others = open.filter((id) => !sample.includes(id));
    await forEachOf(others, MOST_IN_PROGRESS, async (id) => void (await isMissed(id)));
  }

  /** The videos that a whole list does not show; none if it was not read, because single reads are fewer. */
  async #walk(
    place: Place,
    ids: readonly string[],
    since: number,
    kind: ReadKind,
  ): Promise<ReadonlySet<string>> {
    const missed = new Set(ids);
    try {
      const isComplete = await walkThrough(this.#state.walks, place, missed, {
        since,
        kind,
        caller: this.#options.caller,
        onFound: (video, begunAt) => {
          this.#listsShowSome = true;
          this.#settle(video.id, toLook(video, begunAt));
        },
      });
      return isComplete ? missed : new Set();
    } catch (error) {
      // It could not look them up either.
      this.#giveUp(missed, error);
      return new Set();
    }
  }

  /** Looks up one video. @returns whether none of these places shows it. */
  async #isMissed(id: string, places: readonly Place[], kind: ReadKind): Promise<boolean> {
    const begunAt = performance.now();
    try {
      const video = await this.#state.videos.find(id, places, kind, this.#options.caller);
      if (!video) return true;
      this.#settle(id, toLook(video, begunAt));
    } catch (error) {
      this.#causes.set(id, error);
    }
    return false;
  }

  #settle(id: string, look: Look): void {
    if (!this.#open.delete(id)) return;
    this.#options.onLook(id, look);
  }

  /** @param cause - an error, or undefined if the time has run out. */
  #giveUp(ids: Iterable<string>, cause: unknown): void {
    for (const id of ids) this.#causes.set(id, cause);
  }

  /** Those that no read has shown, and that can still be looked up. */
  #unseen(ids: readonly string[] = [...this.#open]): string[] {
    return ids.filter((id) => this.#open.has(id) && !this.#causes.has(id));
  }
}
