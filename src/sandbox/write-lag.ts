// What reads show while a write has not reached them yet: the video as it was before, until the lag is over.
import type { SandboxVideo } from './types.ts';

/** `undefined` stands for "no such video". */
type Version = { readonly video: SandboxVideo | undefined; readonly until: number };

export class WriteLag {
  readonly #lagMs: number;
  readonly #now: () => number;
  readonly #past = new Map<string, Version[]>();

  constructor(lagMs: number, now: () => number) {
    this.#lagMs = lagMs;
    this.#now = now;
  }

  /** To be told before each write, with what it replaces. */
  note(videoId: string, before: SandboxVideo | undefined): void {
    if (this.#lagMs === 0) return;
    const versions = this.#past.get(videoId) ?? [];
    versions.push({ video: before, until: this.#now() + this.#lagMs });
    this.#past.set(videoId, versions);
  }

  /** The version that reads show of a video that truly is `current`. */
  see(videoId: string, current: SandboxVideo | undefined): SandboxVideo | undefined {
    const versions = this.#past.get(videoId);
    if (!versions) return current;
    // Several writes may be under way: the oldest that still hides the next one is what is seen.
    const seen = versions.find((version) => version.until > this.#now());
    if (seen) return seen.video;
    this.#past.delete(videoId);
    return current;
  }

  /** The ids whose reads may differ from the truth. Empty without lag. */
  pendingIds(): readonly string[] {
    return this.#past.size === 0 ? [] : [...this.#past.keys()];
  }
}
