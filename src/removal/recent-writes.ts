// What this gateway itself has done to videos of late. Upstream's reads may still show the state before, and a look taken
// before says nothing any more: neither must decide whether to delete.

/** Longer than any call goes on, so that each can ask what has happened since it began. */
const KEPT_MS = 3 * 60_000;

export class RecentWrites {
  /** Oldest first. */
  readonly #writes = new Map<
    string,
    { readonly state: 'live' | 'removed' | undefined; readonly at: number }
  >();

  readonly #lagMs: number;
  readonly #onNote: () => void;

  /**
   * @param lagMs - how late upstream's reads may show a write.
   * @param onNote - called after every act: one whose answer was lost is settled only now.
   */
  constructor(lagMs: number, onNote: () => void = () => {}) {
    this.#lagMs = lagMs;
    this.#onNote = onNote;
  }

  /** An act on a video has ended. `state`: what it is known to be in since. */
  note(id: string, state: 'live' | 'removed' | undefined): void {
    const now = performance.now();
    this.#writes.delete(id);
    this.#writes.set(id, { state, at: now });
    for (const [old, { at }] of this.#writes) {
      if (at > now - KEPT_MS) break;
      this.#writes.delete(old);
    }
    this.#onNote();
  }

  /** The last act of ours on the video where it is so recent that reads may not show it yet. */
  latest(id: string): { readonly state: 'live' | 'removed' | undefined; readonly at: number } | undefined {
    const write = this.#writes.get(id);
    return write && write.at > performance.now() - this.#lagMs ? write : undefined;
  }

  /** Whether an act on the video has ended since a time on the clock of `performance.now()`. */
  isSince(id: string, time: number): boolean {
    return (this.#writes.get(id)?.at ?? Number.NEGATIVE_INFINITY) > time;
  }
}
