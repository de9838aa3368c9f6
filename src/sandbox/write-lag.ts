// Keeps the version of a video from before a write, which reads show until the lag is over.
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

  /** Call this before each write, with the version that it replaces. */
  note(videoId: string, before: SandboxVideo | undefined): void {
    if (this.#lagMs === 0) return;
    const versions = this.#past.get(videoId) ?? [];
    versions.push({ video: before, until: this.#now() + this.#lagMs });
    this.#past.set(videoId, versions);
  }

  /** The version that reads show of a video whose true version is `current`. */
  see(videoId: string, current: SandboxVideo | undefined): SandboxVideo | undefined {
    const versions = this.#past.get(videoId);
    if (!versions) return current;
    // Several writes may be lagging: reads show the oldest version that is still valid.
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
