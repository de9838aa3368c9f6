// Tracks how many requests of one class (reads, or writes) the current window still allows. It learns that from the
// headers of answers, which come out of order and are rounded to seconds. Pure accounting: no timers, no queue.
import { BULK_STEP_MS, type Claim, TAIL_OPENS_MS, toOpenTail, toTail } from './claim.ts';
import { type LimitReport, LimitReports, LONGEST_WINDOW_SECONDS } from './limit-reports.ts';
import { OtherClients } from './other-clients.ts';
import type { RequestEnd } from './request-end.ts';
import { UndeclaredLimit } from './undeclared-limit.ts';

/** An answer older than this does not show what other clients have used since. */
const STALE_MS = 1_000;
/** How long a first request (the scout) without an answer holds the others back. */
const SCOUT_MS = 2_000;
/** With other clients, this part of the remaining budget may be in flight at once: the last requests go one by one. */
const SHARED_PART = 1 / 6;
/** How many requests to leave of the first window if there are other clients. */
const LEFT_AT_FIRST = 6;

type BudgetWindow = {
  lo: number;
  hi: number;
  limit: number;
  remaining: number;
  told: LimitReport['told'];
};
type AnsweredEnd = Extract<RequestEnd, { kind: 'answered' }>;

export class RateWindow {
  #window: BudgetWindow | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #inFlight = 0;
  #scoutAt: number | undefined;
  readonly #reports = new LimitReports();
  readonly #otherClients = new OtherClients();
  readonly #undeclaredLimit: UndeclaredLimit;
  /** Part of the window that only checks may use. */
  readonly #keptPart: number;
  /**
   * Every request has its own number, so upstream reports to only one gateway that exactly the tail remains. If there
   * are other clients, only that gateway may use the tail for long calls; others that tried would get a 429.
   */
  #ownsTail = false;
  /**
   * Until one reset has passed, a few requests are left: gateways that wake early use those instead of getting a 429.
   */
  #knowsReset = false;

  constructor(keptPart: number, random: () => number = Math.random) {
    this.#keptPart = keptPart;
    this.#undeclaredLimit = new UndeclaredLimit(random);
  }

  /**
   * How many more requests may be sent now; at most 0 for none. Infinity if upstream names no limit; 1 if one request
   * has to go first and bring the headers.
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

  /** As `room`, for bulks of which so many requests wait: they leave less if all of them fit into the window. */
  bulkRoom(now: number, waiting: number): number {
    const window = this.#open(now);
    const fit = window ? window.remaining - this.#leave(window, 'end', now) - this.#inFlight : 0;
    return this.room(now, waiting <= fit ? 'end' : 'bulk');
  }

  /** The budget left once all requests in flight are counted, whoever may use it; Infinity if it is not known. */
  left(now: number): number {
    if (now < this.#undeclaredLimit.pausedUntil) return 0;
    return (this.#open(now)?.remaining ?? Number.POSITIVE_INFINITY) - this.#inFlight;
  }

  /**
   * How many short requests fit before a time, by upstream's latest report, and how many fit into a whole window.
   * Infinity if upstream names no limit.
   */
  capacity(now: number, until: number): { left: number; perWindow: number } {
    const window = this.#open(now);
    if (!window) return { left: Number.POSITIVE_INFINITY, perWindow: Number.POSITIVE_INFINITY };
    const perWindow = window.limit - this.#kept(window);
    const left = Math.max(0, window.remaining - this.#kept(window) - this.#inFlight);
    return { left: until > window.hi ? left + perWindow : left, perWindow };
  }

  /** When a claim can be met again, if only the next window or the end of a pause helps; else -Infinity. */
  reopensAt(now: number, claim: Claim): number {
    if (now < this.#undeclaredLimit.pausedUntil) return this.#undeclaredLimit.pausedUntil;
    const window = this.#open(now);
    if (!window || window.remaining > this.#leave(window, claim, now)) return Number.NEGATIVE_INFINITY;
    const tailOpensAt = window.hi - TAIL_OPENS_MS;
    return window.remaining > this.#leave(window, claim, Math.max(now, tailOpensAt))
      ? tailOpensAt
      : window.hi;
  }

  /** The next moment at which there may be room even without a new answer. @param hasBulk - whether some waits for it. */
  changesAt(now: number, hasBulk: boolean): number {
    const window = this.#open(now);
    const moments = [
      this.#undeclaredLimit.pausedUntil,
      this.#scoutAt === undefined ? now : this.#scoutAt + SCOUT_MS,
      ...(window ? [window.hi, window.hi - TAIL_OPENS_MS] : []),
      window && hasBulk ? Math.max(window.hi - TAIL_OPENS_MS, now + BULK_STEP_MS) : now,
      window && this.#inFlight > 0 ? this.#answeredAt + STALE_MS + 1 : now,
    ];
    return Math.min(...moments.filter((moment) => moment > now));
  }

  /** The values that upstream last reported, as far as they still hold. */
  budget(now: number): {
    limit: number | undefined;
    remaining: number | undefined;
    resetsAt: number | undefined;
  } {
    const window = this.#open(now);
    const { pausedUntil } = this.#undeclaredLimit;
    return {
      limit: this.#window?.told.limit ? this.#window.limit : undefined,
      remaining: window?.remaining,
      resetsAt: now < pausedUntil ? pausedUntil : window?.told.reset ? window.hi : undefined,
    };
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
    // A late answer to an earlier request does not settle the scout.
    if (this.#scoutAt !== undefined && sentAt >= this.#scoutAt) this.#scoutAt = undefined;
    const seen = this.#read(answer);
    let number: number | undefined;
    if (!seen) {
      this.#answeredAt = now;
      const { retryAfterSeconds = 0 } = answer.headers;
      const pauseSeconds = Math.min(LONGEST_WINDOW_SECONDS, retryAfterSeconds);
      this.#undeclaredLimit.answered(limited, sentAt, now, pauseSeconds);
      this.#countUntold(now);
    } else if (this.#observe(seen, sentAt)) {
      this.#answeredAt = now;
      if (limited) {
        this.#otherClients.crowded();
        // Else, a reset that is always said to be near would bring a 429 each time.
        if (this.#reports.isAlwaysLate) this.#undeclaredLimit.refused(sentAt, now);
      } else if (seen.remaining === undefined || !seen.told.limit || !seen.told.reset) {
        this.#undeclaredLimit.named();
        this.#otherClients.lost();
      } else {
        this.#undeclaredLimit.named();
        number = seen.limit - seen.remaining;
        this.#otherClients.counted(number);
        if (seen.remaining === this.#kept(seen) + toTail(seen.limit, 'long')) this.#ownsTail = true;
      }
    } else if (limited) {
      // The answer contradicts the known window, but still refuses: without a pause, requests would flood upstream.
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

  #kept({ limit }: Pick<BudgetWindow, 'limit'>): number {
    return Math.floor(limit * this.#keptPart);
  }

  #leave(window: BudgetWindow, claim: Claim, now: number): number {
    if (claim === 'check') return 0;
    if (claim === 'short') return this.#kept(window);
    const opens = (this.#otherClients.alone || this.#ownsTail) && window.hi - now <= TAIL_OPENS_MS;
    const least = this.#otherClients.alone || this.#knowsReset ? 0 : LEFT_AT_FIRST;
    const left = toTail(window.limit, claim);
    const lasts = toOpenTail(window.limit, claim, window.hi - now);
    return this.#kept(window) + (opens ? Math.min(Math.max(least, lasts), left) : left);
  }

  /** What the answer reports. If it shows that resets come later than reported, that holds for the known one, too. */
  #read(answer: AnsweredEnd): LimitReport | undefined {
    const { slackSeconds } = this.#reports;
    const report = this.#reports.read(answer, this.#window?.hi);
    if (this.#window) this.#window.hi += (this.#reports.slackSeconds - slackSeconds) * 1000;
    return report;
  }

  /**
   * The true reset lies in every interval seen of the same window, so their intersection closes in on it. Answers come
   * out of order, so the lowest remaining value counts.
   *
   * @returns whether the answer was news; false if it is a late one from an old window.
   */
  #observe(seen: LimitReport, sentAt: number): boolean {
    const known = this.#window;
    if (!known || seen.lo >= known.hi) {
      // If upstream does not report what is left, this is the first request of the window, and each answer takes one.
      this.#window = { ...seen, remaining: seen.remaining ?? seen.limit - 1 };
      this.#ownsTail = false;
      if (known) this.#otherClients.newWindow();
      if (known && sentAt >= known.hi) this.#knowsReset = true;
      return true;
    }
    // A report without a reset names no window, so it is about the one that is known.
    if (seen.told.reset && seen.hi <= known.lo) return false;
    if (seen.told.reset || !known.told.reset) {
      known.lo = Math.max(known.lo, seen.lo);
      known.hi = Math.max(known.lo, Math.min(known.hi, seen.hi));
    }
    if (seen.told.limit || !known.told.limit) known.limit = seen.limit;
    known.told = { limit: known.told.limit || seen.told.limit, reset: known.told.reset || seen.told.reset };
    known.remaining = Math.min(known.remaining, seen.remaining ?? Math.max(0, known.remaining - 1));
    return true;
  }
}
