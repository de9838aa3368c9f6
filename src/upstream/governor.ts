// Decides which request goes next, from the budget of one project and the requests that wait for it. Requests of one call
// keep their order and calls take turns, so that 1,000 ids do not block three. A wait that cannot succeed ends at once.
import {
  type Caller,
  forEachKind,
  type Gate,
  GRACE_MS,
  REQUEST_KINDS,
  type RequestKind,
  type Room,
  toClaim,
  toClass,
} from './caller.ts';
import { Alarm, type Clock, SYSTEM_CLOCK } from './governor-clock.ts';
import { InFlight, type Slots } from './in-flight.ts';
import { type Lane, Lanes } from './lanes.ts';
import { RateWindow } from './rate-window.ts';
import type { RequestEnd } from './request-end.ts';
import { Turns } from './turns.ts';
import { createLateError, createStoppingError, HeldBackError, toCancelled } from './upstream-errors.ts';
import { TurnClocks } from './wait-clocks.ts';

/** The share of reads that is reserved for checks. */
const KEPT_FOR_CHECKS = 0.1;
/** One more look before it, and two after it. Most writes need fewer. */
const READS_OF_A_WRITE = 3;
/** These take turns. */
const EQUALS = ['write', 'find', 'read'] as const;

export class Governor {
  readonly #windows: Record<'read' | 'write', RateWindow>;
  readonly #lanes = forEachKind(() => new Lanes());
  readonly #clock: Clock;
  /** What requests of each kind wait for. */
  readonly waits: Readonly<Record<RequestKind, TurnClocks>>;
  readonly #inFlight: InFlight;
  #waiting = 0;
  readonly #equals = new Turns(EQUALS);
  #dispatching = false;
  #reconsidering = false;
  #ended = false;
  readonly #alarm: Alarm;

  constructor(slots: Slots, clock: Clock = SYSTEM_CLOCK, random: () => number = Math.random) {
    this.#inFlight = new InFlight(slots);
    this.#clock = clock;
    this.#alarm = new Alarm(clock, () => this.#dispatch());
    this.#windows = { read: new RateWindow(KEPT_FOR_CHECKS, random), write: new RateWindow(0, random) };
    this.waits = forEachKind(() => new TurnClocks(() => clock.now()));
  }

  /** The maximum of requests in flight of both classes together. The breaker lowers it for a while. */
  get slots(): number {
    return this.#inFlight.most;
  }

  set slots(slots: number) {
    this.#inFlight.most = slots;
    this.#dispatchSoon();
  }

  /**
   * Waits for the right to send one request; `release` must follow.
   *
   * @param options - `again`: it has had a turn before, so it goes to the front of its call. `gate`: see `Gate`.
   * @throws {BudgetExhaustedError} if it cannot be sent before the caller's deadline, as soon as that is known.
   * @throws {CancelledError} if the caller's signal is aborted, or `end` was called.
   * @throws {HeldBackError} if its gate refuses it.
   */
  acquire(
    kind: RequestKind,
    caller: Caller,
    { again = false, gate }: { readonly again?: boolean; readonly gate?: Gate | undefined } = {},
  ): Promise<void> {
    if (caller.signal?.aborted) return Promise.reject(toCancelled(caller.signal));
    if (this.#ended) return Promise.reject(createStoppingError());
    const now = this.#clock.now();
    if (now > caller.deadline + GRACE_MS)
      return Promise.reject(createLateError(this.#opensAt(kind, gate?.readsNeeded, now) - now, 'turn'));
    if (gate?.isRefused) return Promise.reject(new HeldBackError());
    return new Promise((grant, reject) => {
      this.#waiting += 1;
      const refuse = (error: Error) => {
        this.#waiting -= 1;
        reject(error);
        this.#dispatchSoon();
      };
      this.#lanes[kind].add(caller, { gate, grant, refuse }, again);
      this.#dispatchSoon();
    });
  }

  /** Asks all gates again: one may have opened, or, if `refuses`, refuse its writes now. */
  reconsider(refuses: boolean): void {
    this.#reconsidering ||= refuses;
    this.#dispatchSoon();
  }

  /** Refuses all waiting and all future requests. */
  end(): void {
    this.#ended = true;
    for (const kind of REQUEST_KINDS) this.#lanes[kind].refuseWhere(createStoppingError);
  }

  /** Frees the slot and records the rate limit headers of the answer. */
  release(kind: RequestKind, end: RequestEnd): void {
    this.#inFlight.end(kind);
    this.#windows[toClass(kind)].end(end, this.#clock.now());
    this.#dispatchSoon();
  }

  /**
   * Checks the budget for reads that are useful only together, once the first of them shows how many more are needed.
   *
   * @throws {BudgetExhaustedError} if the budget does not allow them all before the caller's deadline.
   */
  roomForReads(others: number, { deadline }: Caller): Room {
    const { left, perWindow } = this.#windows.read.capacity(this.#clock.now(), deadline);
    if (others <= left) return { isEnough: true };
    if (1 + others > perWindow) return { isEnough: false, mostReads: perWindow };
    throw createLateError(this.budget('read').resetsInMs, 'rateLimit');
  }

  /** The last reported rate limit of one class. Values are undefined if upstream has not reported them, or they expired. */
  budget(budgetClass: 'read' | 'write'): {
    limit: number | undefined;
    remaining: number | undefined;
    resetsInMs: number | undefined;
  } {
    const now = this.#clock.now();
    const { limit, remaining, resetsAt } = this.#windows[budgetClass].budget(now);
    return { limit, remaining, resetsInMs: resetsAt === undefined ? undefined : resetsAt - now };
  }

  /** The number of waiting requests and of requests in flight. */
  load(): { waiting: number; inFlight: number } {
    return { waiting: this.#waiting, inFlight: this.#inFlight.total };
  }

  /** Runs once per batch of changes: only after a call has queued all its requests is its length known. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    queueMicrotask(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    const now = this.#clock.now();
    if (this.#reconsidering) this.#refuseHeldBack();
    let granted = true;
    while (granted) {
      // Verify earlier writes before sending more; what is probably gone comes last.
      granted =
        this.#grantOne('check', now) ||
        this.#equals.next((kind) => this.#grantOne(kind, now)) ||
        this.#grantOne('prove', now);
    }
    this.#refuseHopeless(now);
    this.#noteWaits(now);
    this.#scheduleWake(now);
  }

  #refuseHeldBack(): void {
    this.#reconsidering = false;
    this.#lanes.write.refuseWhere(({ gate }) => (gate?.isRefused ? new HeldBackError() : undefined));
  }

  #grantOne(kind: RequestKind, now: number): boolean {
    const lane = this.#inFlight.hasSlot(kind) ? this.#next(kind, now) : undefined;
    const waiter = lane && this.#lanes[kind].take(lane);
    if (!waiter) return false;
    this.#waiting -= 1;
    this.#inFlight.begin(kind);
    waiter.gate?.enter();
    this.#windows[toClass(kind)].begin(now);
    waiter.grant();
    return true;
  }

  /** The next call that the budget admits. A call that needs more than this window comes after those that do not. */
  #next(kind: RequestKind, now: number): Lane | undefined {
    const window = this.#windows[toClass(kind)];
    if (this.#lanes[kind].size === 0 || window.room(now, toClaim(kind)) < 1) return undefined;
    const readsLeft = this.#windows.read.left(now);
    if (kind === 'prove' && readsLeft <= this.#readsOfWrites(now)) return undefined;
    const { remaining = Number.POSITIVE_INFINITY, resetsAt = Number.POSITIVE_INFINITY } = window.budget(now);
    let long: Lane | undefined;
    let bulk: Lane | undefined;
    for (const lane of this.#lanes[kind]) {
      if (lane.gate && !(lane.gate.isOpen && lane.gate.readsNeeded <= readsLeft)) continue;
      if (toClaim(kind) !== 'short') return lane;
      if (lane.caller.isBulk) bulk ??= lane;
      else if (lane.length > remaining && resetsAt < lane.caller.deadline) long ??= lane;
      else return lane;
    }
    if (long && window.room(now, 'long') >= 1) return long;
    return bulk && window.bulkRoom(now, this.#lanes[kind].bulkWaiting) >= 1 ? bulk : undefined;
  }

  /** How many reads are for the writes that may still go out in this window. */
  #readsOfWrites(now: number): number {
    const waiting = Math.min(this.#lanes.write.waiting, Math.max(0, this.#windows.write.left(now)));
    return READS_OF_A_WRITE * (waiting + this.#inFlight.writes);
  }

  /** Refuses requests that the budget cannot serve in time, now instead of at their deadline. */
  #refuseHopeless(now: number): void {
    for (const kind of REQUEST_KINDS) {
      const lanes = this.#lanes[kind];
      const latest = this.#opensAt(kind, kind === 'write' ? 1 : 0, now);
      // No lane can be hopeless yet: skip the scan.
      if (latest <= lanes.earliestDeadline && now < lanes.earliestDeadline + GRACE_MS) continue;
      lanes.refuseWhere(({ caller: { deadline }, gate }) => {
        const opensAt = this.#opensAt(kind, gate?.readsNeeded, now);
        if (opensAt <= deadline && now < deadline + GRACE_MS) return undefined;
        return createLateError(opensAt - now, gate?.isOpen === false ? 'proof' : 'turn');
      });
    }
  }

  /** When the rate limit has room again; in the past if it has room now. */
  #opensAt(kind: RequestKind, readsNeeded = 0, now: number): number {
    const reopensAt = this.#windows[toClass(kind)].reopensAt(now, toClaim(kind));
    return readsNeeded > 0 ? Math.max(reopensAt, this.#windows.read.reopensAt(now, 'check')) : reopensAt;
  }

  #noteWaits(now: number): void {
    for (const kind of REQUEST_KINDS) {
      const lanes = this.#lanes[kind];
      const isSpent = lanes.size > 0 && this.#windows[toClass(kind)].reopensAt(now, toClaim(kind)) > now;
      this.waits[kind].run(isSpent ? 'rateLimit' : lanes.areHeldBack ? 'proof' : undefined);
    }
  }

  /** Sets one timer for the next change that comes with time alone, while requests wait. Answers dispatch on their own. */
  #scheduleWake(now: number): void {
    let at = Number.POSITIVE_INFINITY;
    for (const kind of REQUEST_KINDS.filter((each) => this.#lanes[each].size > 0)) {
      at = Math.min(at, this.#lanes[kind].earliestDeadline + GRACE_MS);
      // Without a free slot, only an answer can change anything.
      if (!this.#inFlight.hasSlot(kind)) continue;
      at = Math.min(at, this.#windows[toClass(kind)].changesAt(now, this.#lanes[kind].bulkWaiting > 0));
      if (kind === 'write') at = Math.min(at, this.#windows.read.changesAt(now, false));
    }
    this.#alarm.set(at);
  }
}
