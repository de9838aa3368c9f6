/** The greatest of the values that were added within a time. It keeps only those that can still become the greatest. */
export class RecentMaximum {
  readonly #holdsMs: number;
  /** Oldest and greatest first. */
  #values: { readonly value: number; readonly at: number }[] = [];

  /** @param holdsMs - how long a value counts, in milliseconds. */
  constructor(holdsMs: number) {
    this.#holdsMs = holdsMs;
  }

  /** @param at - now, on any monotonic clock. */
  add(value: number, at: number): void {
    while ((this.#values.at(-1)?.value ?? Number.POSITIVE_INFINITY) <= value) this.#values.pop();
    this.#values.push({ value, at });
  }

  /** @returns 0 if no value counts any more. */
  value(now: number): number {
    while (this.#values[0] && this.#values[0].at < now - this.#holdsMs) this.#values.shift();
    return this.#values[0]?.value ?? 0;
  }
}
