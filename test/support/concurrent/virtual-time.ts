// Time that jumps from event to event. Everything in src/ that waits uses the globals `setTimeout` and `performance`; a
// test puts these in their place. Between two events, every promise that can settle does.

/** Code that asks for the time this often within one turn goes round in circles. A busy turn asks a few hundred times. */
const MAX_QUESTIONS = 20_000;

export class SpinError extends Error {
  override name = 'SpinError';
}

type Timer = {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
};

export class VirtualTime {
  /** Where `performance.now()` is 0: not on a whole second, so that errors of rounding show. */
  static readonly EPOCH = Date.parse('2026-01-01T00:00:00.400Z');

  /** How many events have happened. */
  turns = 0;
  mostQuestions = 0;
  /** Whether some code asked for the time without end. */
  hasSpun = false;
  #now = 0;
  #order = 0;
  #questions = 0;
  /** A heap: no timer is earlier than the one at half its index. */
  readonly #timers: Timer[] = [];

  get now(): number {
    return this.#now;
  }

  /** For `performance.now()`. @throws {SpinError} if it is called without end while no time passes. */
  ask(): number {
    this.#questions += 1;
    this.mostQuestions = Math.max(this.mostQuestions, this.#questions);
    if (this.#questions > MAX_QUESTIONS) {
      this.hasSpun = true;
      throw new SpinError('time was asked for without end');
    }
    return this.#now;
  }

  /** Calls back once at that time. @returns a function that cancels the call. */
  at(at: number, callback: () => void): () => void {
    const timer: Timer = { at: Math.max(at, this.#now), order: this.#order++, callback, isCancelled: false };
    this.#timers.push(timer);
    this.#rise(this.#timers.length - 1);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Lets events happen until the work is over, none is left, or the next one is later than `until`. */
  async run(isOver: () => boolean, until: number): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#questions = 0;
      if (isOver()) return;
      const next = this.#take();
      if (!next || next.at > until) return;
      this.#now = next.at;
      this.turns += 1;
      next.callback();
    }
  }

  #take(): Timer | undefined {
    for (;;) {
      const first = this.#timers[0];
      const last = this.#timers.pop();
      if (!first || !last) return undefined;
      if (this.#timers.length > 0) {
        this.#timers[0] = last;
        this.#sink(0);
      }
      if (!first.isCancelled) return first;
    }
  }

  #rise(index: number): void {
    for (let child = index; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) return;
      child = parent;
    }
  }

  #sink(index: number): void {
    for (let parent = index; ; ) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = this.#isLater(left, right) ? right : left;
      if (!this.#swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  #isLater(first: number, second: number): boolean {
    const [a, b] = [this.#timers[first], this.#timers[second]];
    return a !== undefined && b !== undefined && (a.at > b.at || (a.at === b.at && a.order > b.order));
  }

  #swapIfLater(first: number, second: number): boolean {
    const [a, b] = [this.#timers[first], this.#timers[second]];
    if (!a || !b || !this.#isLater(first, second)) return false;
    this.#timers[first] = b;
    this.#timers[second] = a;
    return true;
  }
}
