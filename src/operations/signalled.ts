/** Lets one wait for a change that others note, without missing those that come before the wait. */
export class Signalled {
  #isNoted = false;
  #wake = () => {};

  /** Forgets earlier changes. Call this before looking at what may change. */
  reset(): void {
    this.#isNoted = false;
  }

  note(): void {
    this.#isNoted = true;
    this.#wake();
  }

  /** Resolves at the next change since `reset`, or at a time on the clock of `performance.now()`. */
  async next(at: number): Promise<void> {
    if (this.#isNoted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, at - performance.now()));
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
