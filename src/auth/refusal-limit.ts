// Lets only so many checks be refused in a minute. It does not check anything itself.

const WINDOW_MS = 60_000;

/** Thrown to a check that may not begin before the window ends. */
export class TooManyRefusalsError extends Error {
  override readonly name = 'TooManyRefusalsError';
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too many checks were refused in this minute');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Each check takes a slot while it is in progress. A refused check keeps its slot until the window ends, which is a minute
 * after the first refusal. So however many checks arrive at once, no more are refused than there are slots; and as long as
 * none is refused, they only wait for each other.
 */
export class RefusalLimit {
  readonly #limit: number;
  #checking = 0;
  #refused = 0;
  #endsAt = 0;
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Resolves with a slot. Give it back with `done`.
   *
   * @throws {TooManyRefusalsError} as soon as refused checks have all of them.
   */
  async take(): Promise<void> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.push(turn);
    this.#advance();
    await turn.promise;
  }

  done({ isRefused }: { readonly isRefused: boolean }): void {
    this.#checking -= 1;
    if (isRefused) {
      if (this.#refused === 0) this.#endsAt = performance.now() + WINDOW_MS;
      this.#refused += 1;
    }
    this.#advance();
  }

  #advance(): void {
    const leftMs = this.#endsAt - performance.now();
    if (leftMs <= 0) this.#refused = 0;
    while (this.#refused + this.#checking < this.#limit) {
      const turn = this.#waiting.shift();
      if (!turn) return;
      this.#checking += 1;
      turn.resolve();
    }
    if (this.#refused < this.#limit) return;
    for (const turn of this.#waiting.splice(0))
      turn.reject(new TooManyRefusalsError(Math.ceil(leftMs / 1000)));
  }
}
