// The queue of waiting requests, one lane per call: requests of a call keep their order, and calls take turns. It decides
// nothing. Adding and taking take constant time.

import type { Caller, Gate } from './caller.ts';
import { toCancelled } from './upstream-errors.ts';

export type Waiter = {
  readonly gate: Gate | undefined;
  readonly grant: () => void;
  readonly refuse: (error: Error) => void;
};
type Link = { readonly waiter: Waiter; next: Link | undefined };

/** The waiting requests of one call. */
export class Lane {
  readonly caller: Caller;
  /** Stops listening for the caller's abort. */
  readonly unwatch: () => void;
  #first: Link | undefined;
  #last: Link | undefined;
  #length = 0;

  constructor(caller: Caller, onAbort: (lane: Lane, signal: AbortSignal) => void) {
    this.caller = caller;
    const { signal } = caller;
    if (!signal) {
      this.unwatch = () => {};
      return;
    }
    const listener = () => onAbort(this, signal);
    signal.addEventListener('abort', listener, { once: true });
    this.unwatch = () => signal.removeEventListener('abort', listener);
  }

  /** The gate of the request whose turn is next. */
  get gate(): Gate | undefined {
    return this.#first?.waiter.gate;
  }

  get length(): number {
    return this.#length;
  }

  add(waiter: Waiter, atHead: boolean): void {
    const link: Link = { waiter, next: atHead ? this.#first : undefined };
    if (atHead || !this.#first) this.#first = link;
    if (!atHead && this.#last) this.#last.next = link;
    if (!atHead || !this.#last) this.#last = link;
    this.#length += 1;
  }

  take(): Waiter | undefined {
    const link = this.#first;
    if (!link) return undefined;
    this.#first = link.next;
    if (!link.next) this.#last = undefined;
    this.#length -= 1;
    return link.waiter;
  }
}

export class Lanes {
  readonly #lanes = new Map<Caller, Lane>();
  #waiting = 0;
  #bulkWaiting = 0;
  /** A lower bound of all deadlines; the lane that set it may be gone. */
  #earliest = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#lanes.size;
  }

  /** The number of waiting requests. */
  get waiting(): number {
    return this.#waiting;
  }

  get earliestDeadline(): number {
    return this.#lanes.size === 0 ? Number.POSITIVE_INFINITY : this.#earliest;
  }

  /** The number of waiting requests for which nobody waits. */
  get bulkWaiting(): number {
    return this.#bulkWaiting;
  }

  /** Whether all requests wait for a gate that is closed. */
  get areHeldBack(): boolean {
    for (const { gate } of this.#lanes.values()) if (!gate || gate.isOpen) return false;
    return this.size > 0;
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }

  add(caller: Caller, waiter: Waiter, atHead: boolean): void {
    let lane = this.#lanes.get(caller);
    if (!lane) {
      lane = new Lane(caller, (left, signal) => this.refuse(left, toCancelled(signal)));
      if (this.#lanes.size === 0) this.#earliest = Number.POSITIVE_INFINITY;
      this.#lanes.set(caller, lane);
      this.#earliest = Math.min(this.#earliest, caller.deadline);
    }
    lane.add(waiter, atHead);
    this.#count(lane, 1);
  }

  /** Takes the first request of a lane, and moves the lane to the end of the queue. */
  take(lane: Lane): Waiter | undefined {
    const waiter = lane.take();
    if (waiter) this.#count(lane, -1);
    if (lane.length === 0) this.#remove(lane);
    else if (this.#lanes.size > 1) {
      this.#lanes.delete(lane.caller);
      this.#lanes.set(lane.caller, lane);
    }
    return waiter;
  }

  refuse(lane: Lane, error: Error): void {
    this.#remove(lane);
    this.#count(lane, -lane.length);
    for (let waiter = lane.take(); waiter; waiter = lane.take()) waiter.refuse(error);
  }

  /** Refuses all requests of each lane for which `reason` returns an error. */
  refuseWhere(reason: (lane: Lane) => Error | undefined): void {
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) {
      const error = reason(lane);
      if (error) this.refuse(lane, error);
      else this.#earliest = Math.min(this.#earliest, lane.caller.deadline);
    }
  }

  #count({ caller: { isBulk } }: Lane, more: number): void {
    this.#waiting += more;
    if (isBulk) this.#bulkWaiting += more;
  }

  #remove(lane: Lane): void {
    this.#lanes.delete(lane.caller);
    lane.unwatch();
  }
}
