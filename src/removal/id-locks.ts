// One act at a time on one video, across the requests of a project: a deletion and a restore never interleave.
import type { Caller } from '../upstream/caller.ts';
import { pause } from '../upstream/pause.ts';

export class IdLocks {
  readonly #tails = new Map<string, Promise<void>>();

  /** Whether an act on the id is under way, or waits. */
  isHeld(id: string): boolean {
    return this.#tails.has(id);
  }

  /**
   * Runs an act once every earlier act on the same id has ended.
   *
   * @param caller - who waits for that, and until when.
   * @returns undefined where the caller's time was over, or the caller gone, before the act could begin.
   */
  async run<T>(id: string, caller: Caller, act: () => Promise<T>): Promise<T | undefined> {
    const before = this.#tails.get(id);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const tail = before ? Promise.all([before, ended]).then(() => {}) : ended;
    this.#tails.set(id, tail);
    try {
      if (before && !(await isOverInTime(before, caller))) return undefined;
      return await act();
    } finally {
      end();
      void tail.then(() => {
        if (this.#tails.get(id) === tail) this.#tails.delete(id);
      });
    }
  }
}

async function isOverInTime(before: Promise<void>, { deadline, signal }: Caller): Promise<boolean> {
  const over = new AbortController();
  const signals = signal ? [over.signal, signal] : [over.signal];
  const wait = { deadline: Number.POSITIVE_INFINITY, signal: AbortSignal.any(signals) };
  try {
    const late = pause(deadline - performance.now(), wait).then(() => false);
    return await Promise.race([before.then(() => true), late]);
  } finally {
    over.abort();
  }
}
