// Records this gateway's own recent writes to videos. Upstream's reads may still show the state before them, and looks
// from before them are outdated: neither may decide whether to delete.

/** Longer than any call lasts, so that each call can ask what happened since it began. */
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
   * @param onNote - called after every act: only now is a write whose answer was lost settled.
   */
  constructor(lagMs: number, onNote: () => void = () => {}) {
    this.#lagMs = lagMs;
    this.#onNote = onNote;
  }

  /** Records that an act on a video has ended. `state`: the state that it is known to be in since. */
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

  /** Our last act on the video, if it is so recent that reads may not show it yet. */
  latest(id: string): { readonly state: 'live' | 'removed' | undefined; readonly at: number } | undefined {
    const write = this.#writes.get(id);
    return write && write.at > performance.now() - this.#lagMs ? write : undefined;
  }

  /** Whether an act on the video has ended since a time on the clock of `performance.now()`. */
  isSince(id: string, time: number): boolean {
    return (this.#writes.get(id)?.at ?? Number.NEGATIVE_INFINITY) > time;
  }
}
