/** Lets several take turns: after each turn, the one behind it in the list comes first. */
export class Turns<T> {
  readonly #all: readonly T[];
  #first = 0;

  constructor(all: readonly T[]) {
    this.#all = all;
  }

  /** Offers a turn to each, in order, until one takes it. @returns whether one did. */
  next(take: (one: T) => boolean): boolean {
    const order = [...this.#all.slice(this.#first), ...this.#all.slice(0, this.#first)];
    const index = order.findIndex(take);
    if (index >= 0) this.#first = (this.#first + index + 1) % this.#all.length;
    return index >= 0;
  }
}
