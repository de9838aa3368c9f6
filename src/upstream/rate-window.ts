// What one class of requests (reads, or writes) may still send in the current window, learned from the headers of
// answers that come out of order and are rounded to seconds. Pure accounting: no timers, no queue.
import { OtherClients } from './other-clients.ts';
import type { RequestEnd } from './request-end.ts';
import { UndeclaredLimit } from './undeclared-limit.ts';

/**
 * How far a request may go into the budget: a `check` to the end; a `short` call leaves what is kept for checks; a `long`
 * one, which goes on in the next window whatever it does, leaves a tenth to short calls as well.
 */
export type Claim = 'check' | 'short' | 'long';

/** Part of a window that long calls leave to short ones. */
const TAIL_PART = 0.1;
/** From so long before the reset on, long calls may use up what they left. */
const TAIL_OPENS_MS = 10_000;
/** An answer older than this says nothing about what other clients have used since. */
const STALE_MS = 1_000;
/** A first request that is not answered by then no longer holds the others back. */
const SCOUT_MS = 2_000;
/** With others about, this part of what remains may be in flight at once: the last ones then go one by one. */
const SHARED_PART = 1 / 6;
/** So many are left of the first window where others are about. */
const LEFT_AT_FIRST = 6;
const MAX_SECONDS = 60;
/** So soon after a reset, a 429 that points to another one within a second means that we woke early. */
const EARLY_MS = 2_000;
const MAX_SLACK_SECONDS = 3;

type BudgetWindow = { lo: number; hi: number; limit: number; remaining: number };
type AnsweredEnd = Extract<RequestEnd, { kind: 'answered' }>;

export class RateWindow {
  #window: BudgetWindow | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #inFlight = 0;
  #scoutAt: number | undefined;
  readonly #otherClients = new OtherClients();
  readonly #undeclaredLimit: UndeclaredLimit;
  /** Part of the window that only checks may use. */
  readonly #keptPart: number;
  /**
   * Every request has its own number, so one gateway of all is told that exactly the tail remains: with others about, it
   * alone may use the tail for long calls. Whoever else wanted the last ones would be answered 429.
   */
  #ownsTail = false;
  /** Added to every reset, for good, once upstream's second has proved longer than ours. */
  #slackSeconds = 0;
  /** Until one reset has passed, a few are left: where the gateways wake early, those answer instead of a 429. */
  #knowsReset = false;

  constructor(keptPart: number, random: () => number = Math.random) {
    this.#keptPart = keptPart;
    this.#undeclaredLimit = new UndeclaredLimit(random);
  }

  /**
   * How many more requests may be sent now; at most 0 for none. Infinity where upstream names no limit; 1 where one has
   * to go first and bring the headers.
   */
  room(now: number, claim: Claim): number {
    if (now < this.#undeclaredLimit.pausedUntil) return 0;
    const window = this.#open(now);
    if (!window && this.#undeclaredLimit.slots !== undefined)
      return this.#undeclaredLimit.slots - this.#inFlight;
    const left = window ? window.remaining - this.#leave(window, claim, now) : 1;
    if (!window || now - this.#answeredAt > STALE_MS) {
      if (window && left <= this.#inFlight) return 0;
      return this.#scoutAt === undefined || now - this.#scoutAt >= SCOUT_MS ? 1 : 0;
    }
    if (this.#otherClients.alone) return left - this.#inFlight;
    const part = Math.min(SHARED_PART, this.#otherClients.share / 2);
    return Math.min(left, Math.max(1, Math.floor(left * part))) - this.#inFlight;
  }

  /** What is left once all in flight are counted, whoever may use it: Infinity where that is not known. */
  left(now: number): number {
    if (now < this.#undeclaredLimit.pausedUntil) return 0;
    return (this.#open(now)?.remaining ?? Number.POSITIVE_INFINITY) - this.#inFlight;
  }

  /**
   * How many short requests fit before a time, by what upstream last said, and how many into a whole window; Infinity
   * where it names no limit.
   */
  capacity(now: number, until: number): { left: number; perWindow: number } {
    const window = this.#open(now);
    if (!window) return { left: Number.POSITIVE_INFINITY, perWindow: Number.POSITIVE_INFINITY };
    const perWindow = window.limit - this.#kept(window);
    const left = Math.max(0, window.remaining - this.#kept(window) - this.#inFlight);
    return { left: until > window.hi ? left + perWindow : left, perWindow };
  }

  /** When a claim can be met again, where only the next window or the end of a pause helps; else -Infinity. */
  reopensAt(now: number, claim: Claim): number {
    if (now < this.#undeclaredLimit.pausedUntil) return this.#undeclaredLimit.pausedUntil;
    const window = this.#open(now);
    return window && window.remaining <= this.#leave(window, claim, now)
      ? window.hi
      : Number.NEGATIVE_INFINITY;
  }

  /** The next moment at which there may be room though nothing has been answered. */
  changesAt(now: number): number {
    const window = this.#open(now);
    const moments = [
      this.#undeclaredLimit.pausedUntil,
      this.#scoutAt === undefined ? now : this.#scoutAt + SCOUT_MS,
      ...(window ? [window.hi, window.hi - TAIL_OPENS_MS] : []),
      window && this.#inFlight > 0 ? this.#answeredAt + STALE_MS + 1 : now,
    ];
    return Math.min(...moments.filter((moment) => moment > now));
  }

  /** What upstream last said, as far as it still holds. */
  budget(now: number): {
    limit: number | undefined;
    remaining: number | undefined;
    resetsAt: number | undefined;
  } {
    const window = this.#open(now);
    const resetsAt = now < this.#undeclaredLimit.pausedUntil ? this.#undeclaredLimit.pausedUntil : window?.hi;
    return { limit: this.#window?.limit, remaining: window?.remaining, resetsAt };
  }

  /** Takes the credit for one request, at the moment it is sent. */
  begin(now: number): void {
    this.#inFlight += 1;
    if (!this.#open(now) || now - this.#answeredAt > STALE_MS) this.#scoutAt = now;
  }

  end(end: RequestEnd, now: number): void {
    this.#inFlight -= 1;
    if (end.kind === 'answered') this.#answered(end, now);
    else {
      this.#scoutAt = undefined;
      if (end.kind === 'lost') this.#countUntold(now);
      this.#otherClients.ended(Number.NEGATIVE_INFINITY, undefined, now, this.#inFlight);
    }
  }

  #answered(answer: AnsweredEnd, now: number): void {
    const { limited, sentAt } = answer;
    // A late answer to an earlier request is not the scout's.
    if (this.#scoutAt !== undefined && sentAt >= this.#scoutAt) this.#scoutAt = undefined;
    const seen = this.#read(answer);
    let number: number | undefined;
    if (!seen) {
      this.#answeredAt = now;
      this.#undeclaredLimit.answered(limited, sentAt, now);
      this.#countUntold(now);
    } else if (this.#observe(seen, sentAt)) {
      this.#answeredAt = now;
      this.#undeclaredLimit.named();
      if (limited) this.#otherClients.crowded();
      else {
        number = seen.limit - seen.remaining;
        this.#otherClients.counted(number);
        if (seen.remaining === this.#kept(seen) + tail(seen)) this.#ownsTail = true;
      }
    } else if (limited) {
      // It contradicts the window that is known, and is a refusal all the same: without a pause it would be a hail.
      this.#undeclaredLimit.refused(sentAt, now);
    }
    this.#otherClients.ended(sentAt, number, now, this.#inFlight);
  }

  #countUntold(now: number): void {
    const window = this.#open(now);
    if (window) window.remaining = Math.max(0, window.remaining - 1);
    this.#otherClients.lost();
  }

  #open(now: number): BudgetWindow | undefined {
    return this.#window && now < this.#window.hi ? this.#window : undefined;
  }

  #kept({ limit }: BudgetWindow): number {
    return Math.floor(limit * this.#keptPart);
  }

  #leave(window: BudgetWindow, claim: Claim, now: number): number {
    if (claim === 'check') return 0;
    if (claim === 'short') return this.#kept(window);
    const opens = (this.#otherClients.alone || this.#ownsTail) && window.hi - now <= TAIL_OPENS_MS;
    const least = this.#otherClients.alone || this.#knowsReset ? 0 : LEFT_AT_FIRST;
    return this.#kept(window) + (opens ? Math.min(least, tail(window)) : tail(window));
  }

  /** The true reset lies after `lo` and not after `hi`, whatever it took to get here. */
  #read({ headers, limited, sentAt, receivedAt }: AnsweredEnd): BudgetWindow | undefined {
    const { limit, remaining, retryAfterSeconds } = headers;
    if (limit === undefined || remaining === undefined || retryAfterSeconds === undefined) return undefined;
    // Rounded up there is no 0: this upstream rounds down.
    if (retryAfterSeconds <= 0 && this.#slackSeconds === 0) this.#lateBy(1);
    const wokeAt = this.#window?.hi ?? Number.POSITIVE_INFINITY;
    const early = limited && retryAfterSeconds <= 1 && sentAt >= wokeAt && sentAt < wokeAt + EARLY_MS;
    if (early && this.#slackSeconds < MAX_SLACK_SECONDS) this.#lateBy(1);
    const seconds = Math.min(MAX_SECONDS, Math.max(0, retryAfterSeconds));
    const bound = Math.max(0, limit);
    return {
      lo: sentAt + Math.max(0, seconds - 1) * 1000,
      hi: receivedAt + Math.max(1, seconds + this.#slackSeconds) * 1000,
      limit: bound,
      remaining: limited ? 0 : Math.min(bound, Math.max(0, remaining)),
    };
  }

  #lateBy(seconds: number): void {
    this.#slackSeconds += seconds;
    if (this.#window) this.#window.hi += seconds * 1000;
  }

  /**
   * The true reset lies in every interval seen of the same window, so their intersection closes in on it. Answers come
   * out of order: what remains is the least that was seen.
   *
   * @returns whether it was news; not where it is a late word of an old window.
   */
  #observe(seen: BudgetWindow, sentAt: number): boolean {
    const known = this.#window;
    if (!known || seen.lo >= known.hi) {
      this.#window = seen;
      this.#ownsTail = false;
      if (known) this.#otherClients.newWindow();
      if (known && sentAt >= known.hi) this.#knowsReset = true;
      return true;
    }
    if (seen.hi <= known.lo) return false;
    known.lo = Math.max(known.lo, seen.lo);
    known.hi = Math.max(known.lo, Math.min(known.hi, seen.hi));
    known.limit = seen.limit;
    known.remaining = Math.min(known.remaining, seen.remaining);
    return true;
  }
}

function tail({ limit }: BudgetWindow): number {
  return Math.ceil(limit * TAIL_PART);
}
