// One act at a time on one video, across the requests of a project: a deletion and a restore never interleave.

export class IdLocks {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs an act once every earlier act on the same id has ended. */
  async run<T>(id: string, act: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(id);
    const { promise: tail, resolve: release } = Promise.withResolvers<void>();
    this.#tails.set(id, tail);
    try {
      await before;
      return await act();
    } finally {
      if (this.#tails.get(id) === tail) this.#tails.delete(id);
      release();
    }
  }
}
