// Counts the requests of one project that are in flight, and says whether another one fits.
import { type RequestKind, toClass } from './caller.ts';

/** The maximum of requests in flight, for each class. Checks are reads. */
export type Slots = { readonly write: number; readonly read: number };

export class InFlight {
  readonly #slots: Slots;
  readonly #counts = { read: 0, write: 0 };
  /** The maximum of both classes together. */
  most: number;

  constructor(slots: Slots) {
    this.#slots = slots;
    this.most = slots.read + slots.write;
  }

  get total(): number {
    return this.#counts.read + this.#counts.write;
  }

  get writes(): number {
    return this.#counts.write;
  }

  hasSlot(kind: RequestKind): boolean {
    return this.total < this.most && this.#counts[toClass(kind)] < this.#slots[toClass(kind)];
  }

  begin(kind: RequestKind): void {
    this.#counts[toClass(kind)] += 1;
  }

  end(kind: RequestKind): void {
    this.#counts[toClass(kind)] -= 1;
  }
}
