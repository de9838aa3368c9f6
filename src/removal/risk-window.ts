// Limits how many videos a project can lose if Video Restore is switched off. Only a few deletions with REFUSE may be
// unproved at a time: one at first, and one more with each deletion that is seen to be restorable. All calls of the
// project share the window. It sends and reads nothing itself: `delete-one.ts` and `witness.ts` report to it.

import type { Sent } from '../upstream/upstream-clock.ts';
import { RecentMaximum } from './recent-maximum.ts';
import type { VideoRestore } from './video-restore.ts';

/** With nothing unproved for this long, the latest proof is too old to risk more than one video on it. */
const IDLE_MS = 2_000;
/** How long the delay of a proof counts. */
const DELAY_COUNTS_MS = 60_000;
/** A delay that is not worth a timer. */
const SHORT_MS = 10;

/** One deletion, from its first send to its outcome. */
export type Risk = {
  /** Whether it was sent, so that it may have had its effect. */
  readonly isSent: boolean;
  /** When its last answer came or was lost, on the clock of `performance.now()`; undefined while it is sent. */
  readonly endedAt: number | undefined;
};

export class RiskWindow {
  readonly #videoRestore: VideoRestore;
  readonly #most: number;
  readonly #onChange: (isStopped: boolean) => void;
  #limit = 1;
  /** The deletions with REFUSE that were sent and are not proved restorable. */
  readonly #unproved = new Set<Risk>();
  /** Those of them that may have destroyed their videos, and that no read of theirs will decide any more. */
  readonly #unknown = new Set<Risk>();
  /** Deletions whose reads show no removal yet, later than any recent proof needed. */
  readonly #doubted = new Set<Risk>();
  /** One of the deletions that are verified, with either policy: it is read from the start, to show how late reads are. */
  #scout: Risk | undefined;
  /** When the latest read began that proved a deletion restorable; see `confirm`. */
  #provedAt = Number.NEGATIVE_INFINITY;
  /** How long after its 204 the latest proof was to be had. */
  #delayMs = 0;
  readonly #delays = new RecentMaximum(DELAY_COUNTS_MS);

  /**
   * @param options - `most`: the maximum of unproved deletions. `onChange`: called when another deletion may be sent, or,
   *   if `isStopped`, none may be sent any more.
   */
  constructor(options: {
    readonly videoRestore: VideoRestore;
    readonly most: number;
    readonly onChange: (isStopped: boolean) => void;
  }) {
    this.#videoRestore = options.videoRestore;
    this.#most = options.most;
    this.#onChange = options.onChange;
  }

  /** How many deletions are unproved. */
  get unproved(): number {
    return this.#unproved.size;
  }

  /** How many deletions may be unproved now. */
  get limit(): number {
    if (performance.now() - this.#provedAt > IDLE_MS && !this.#hasSent()) this.#limit = 1;
    return this.#limit;
  }

  /** Whether a deletion counts as unproved. */
  has(deletion: Risk): boolean {
    return this.#unproved.has(deletion);
  }

  /** Whether one more deletion may be sent now. */
  get hasRoom(): boolean {
    return !this.isStopped && this.#doubted.size === 0 && this.#unproved.size < this.limit;
  }

  /**
   * Whether a probe must show what deletions do before another one is sent: a deletion has destroyed its video, or may
   * have, and none sent since shows more.
   */
  get isStopped(): boolean {
    return this.#unknown.size > 0 || this.#videoRestore.lastSeenPermanent;
  }

  /** A deletion with REFUSE is about to be sent. */
  enter(deletion: Risk): void {
    this.#unproved.add(deletion);
  }

  /**
   * Upstream answered a deletion with 204.
   *
   * @returns how long to wait before the first read of its video: as long as the latest proof needed. One deletion at a
   *   time does not wait, because that may have changed.
   */
  startVerifying(deletion: Risk): number {
    this.#scout ??= deletion;
    return this.#scout === deletion || this.#delayMs < SHORT_MS ? 0 : this.#delayMs;
  }

  /** Whether others wait for what becomes of a deletion: for its proof, or to know how late reads are now. */
  isAwaited(deletion: Risk): boolean {
    return this.#unproved.has(deletion) || this.#scout === deletion;
  }

  /** Whether a read begun this long after its 204 should show the removal, because every recent proof needed less. */
  isLate(delayMs: number): boolean {
    return delayMs >= this.#delays.value(performance.now());
  }

  /** A late read does not show the removal: nothing more is sent until it, or a deletion sent later, is proved. */
  doubt(deletion: Risk): void {
    if (this.has(deletion)) this.#doubted.add(deletion);
  }

  /**
   * A read proves that a deletion was restorable.
   *
   * @param at - when it began, or when it could have if it had not been put off.
   * @param delayMs - how long after the 204 it began; undefined if an earlier read might have proved it, too.
   */
  confirm(deletion: Risk, sent: Sent, at: number, delayMs: number | undefined): void {
    if (delayMs !== undefined) {
      this.#delays.add(delayMs, performance.now());
      this.#delayMs = delayMs;
    }
    this.#limit = Math.min(this.#most, this.limit + 1);
    this.#provedAt = Math.max(this.#provedAt, at);
    this.#release(deletion);
    this.prove(sent);
  }

  /** A deletion sent then was restorable. So were all that upstream had answered before. */
  prove(sent: Sent): void {
    this.#videoRestore.proved(sent);
    for (const deletion of this.#unproved) {
      if (deletion.endedAt !== undefined && deletion.endedAt <= sent.sentAt) this.#uncount(deletion);
    }
    this.#change();
  }

  /** A deletion sent then destroyed its video. `isProbe`: see `VideoRestore.refuted`. */
  refute(sent: Sent, isProbe?: boolean): void {
    this.#videoRestore.refuted(sent, isProbe);
    this.#change();
  }

  /** The video of a deletion is not destroyed by it. */
  leave(deletion: Risk): void {
    this.#release(deletion);
    this.#change();
  }

  /** A deletion may have destroyed its video, and nothing more will be read of it. */
  leaveUnknown(deletion: Risk): void {
    // A proof sent later may have covered it already.
    const isCovered = !this.has(deletion);
    this.#release(deletion);
    if (!isCovered) {
      this.#unproved.add(deletion);
      this.#unknown.add(deletion);
    }
    this.#change();
  }

  /** Whether one of the unproved deletions was sent; the others only have their places. */
  #hasSent(): boolean {
    for (const { isSent } of this.#unproved) if (isSent) return true;
    return false;
  }

  #change(): void {
    this.#onChange(this.isStopped);
  }

  #release(deletion: Risk): void {
    if (this.#scout === deletion) this.#scout = undefined;
    this.#uncount(deletion);
  }

  #uncount(deletion: Risk): void {
    this.#unproved.delete(deletion);
    this.#unknown.delete(deletion);
    this.#doubted.delete(deletion);
  }
}
