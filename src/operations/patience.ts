// When an operation tries again what could not be done. While upstream fails, what was not sent waits, however long that takes.
// An item that was sent is given up if it goes on failing while others succeed, or cannot be verified for a day.

import { Backoff } from './backoff.ts';
import { isPendingAgain, isUnchanged, isUndecided, type VideoOutcome } from './item-outcome.ts';

/** For an item that only time decides, this is often enough, and each look costs a read. */
const LOOK_MS = 20_000;
/** How often an item fails that is given up, each time after others that were sent since have succeeded. */
const TRIES = 3;
/** For so long an item may fail while nothing shows whether others would succeed: no outage lasts longer. */
const LONGEST_TROUBLE_MS = 24 * 60 * 60_000;

type Trouble = { readonly since: number; readonly latest: number; readonly tries: number };

export class Patience {
  /** Of items that were sent: as many as the concurrency at each outage. */
  readonly #troubles = new Map<number, Trouble>();
  readonly #backoff = new Backoff();
  /** When the latest write was sent that has succeeded since. */
  #sentWell = Number.NEGATIVE_INFINITY;

  get isPaused(): boolean {
    return !this.#backoff.isOver;
  }

  /** On the clock of `performance.now()`. */
  get resumesAt(): number {
    return this.#backoff.until;
  }

  /** When an item is looked at again that only waits, likewise. */
  get looksAt(): number {
    return performance.now() + LOOK_MS;
  }

  pause(): void {
    if (!this.isPaused) this.#backoff.noteFailure();
  }

  /** @param sentAt - undefined if the item needed no write. */
  noteEnd(place: number, sentAt: number | undefined): void {
    this.#backoff.noteSuccess();
    this.#troubles.delete(place);
    if (sentAt !== undefined) this.#sentWell = Math.max(this.#sentWell, sentAt);
  }

  /**
   * Whether a later look may show what became of an item that was sent, or that it may be sent again.
   *
   * @param state - `onlyWaits`: whether it was not sent again only because its time has not come.
   */
  allowsAnother(
    place: number,
    outcome: VideoOutcome,
    {
      isCancelled,
      isStopping,
      onlyWaits,
    }: { readonly isCancelled: boolean; readonly isStopping: boolean; readonly onlyWaits: boolean },
  ): boolean {
    if (isUndecided(outcome)) return !this.#noteTrouble(place);
    // What is cancelled is not sent again.
    if (isCancelled || !(isUnchanged(outcome) || isPendingAgain(outcome))) return false;
    return onlyWaits || isStopping || !this.#noteTrouble(place);
  }

  /**
   * Notes that an item was sent, and is unchanged, or its state cannot be read.
   *
   * @returns whether to give it up.
   */
  #noteTrouble(place: number): boolean {
    const now = performance.now();
    const { since, latest, tries } = this.#troubles.get(place) ?? { since: now, latest: now, tries: 1 };
    const isAlone = this.#sentWell > latest;
    this.#troubles.set(place, { since, latest: now, tries: tries + (isAlone ? 1 : 0) });
    return (isAlone && tries + 1 >= TRIES) || now - since > LONGEST_TROUBLE_MS;
  }
}
