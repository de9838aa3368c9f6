// What this gateway has seen of a project's Video Restore feature. Only its own deletions teach it; nothing is asked.
import type { Sent } from '../upstream/upstream-clock.ts';

/** A proof is good to start a call on for so long. */
const PROOF_HOLDS_MS = 10 * 60_000;
/** So long a refutation refuses without another probe, and so long a doubt asks for one. */
const REFUTATION_HOLDS_MS = 60_000;
/** Beside a deletion sent so shortly before it, the first one of another call is no greater risk than those under way. */
const PROOF_IS_FRESH_MS = 2_000;

type Observation = { readonly restorable: boolean; readonly at: number };

export class VideoRestore {
  #last: Observation | undefined;
  #doubtedAt = 0;
  /** What a second DELETE of a removed video does; it must be seen before it is risked. */
  secondDelete: 'unknown' | 'refused' | 'harmless' | 'destroys' = 'unknown';

  /** Whether a second DELETE was seen to leave a removed video as it is. */
  get isSecondDeleteHarmless(): boolean {
    return this.secondDelete === 'refused' || this.secondDelete === 'harmless';
  }

  /** A deletion of ours was seen to be restorable. The proof is as old as its send. */
  proved({ sentAt }: Sent): void {
    this.#observe({ restorable: true, at: sentAt });
  }

  /** A deletion of ours was seen to destroy. */
  refuted({ sentAt }: Sent): void {
    this.#observe({ restorable: false, at: sentAt });
  }

  /** A deletion of ours has ended, and nobody knows what it did. */
  doubted(endedAt: number): void {
    this.#doubtedAt = Math.max(this.#doubtedAt, endedAt);
  }

  /** Whether that was of late, and nothing that was sent since has shown what deletions do. */
  get isInDoubt(): boolean {
    return this.#doubtedAt > Math.max(this.#last?.at ?? 0, performance.now() - REFUTATION_HOLDS_MS);
  }

  #observe(observation: Observation): void {
    if (!this.#last || observation.at >= this.#last.at) this.#last = observation;
  }

  /** What is known firmly enough to act on now. */
  verdict(): 'restorable' | 'permanent' | 'unknown' {
    if (!this.#last) return 'unknown';
    const age = performance.now() - this.#last.at;
    if (this.#last.restorable) return age < PROOF_HOLDS_MS ? 'restorable' : 'unknown';
    return age < REFUTATION_HOLDS_MS ? 'permanent' : 'unknown';
  }

  /** Whether a deletion that was sent since then, or a moment before, was seen to be restorable. */
  isProvedSince(time: number): boolean {
    return this.#last?.restorable === true && this.#last.at > time - PROOF_IS_FRESH_MS;
  }

  /** Whether the newest observation, however old, was of a destroyed video. */
  get lastSeenPermanent(): boolean {
    return this.#last?.restorable === false;
  }

  /** The newest observation for display, with its time as RFC 3339 in UTC. */
  get observed(): { status: 'ENABLED' | 'DISABLED' | 'UNKNOWN'; observedAt: string | null } {
    if (!this.#last) return { status: 'UNKNOWN', observedAt: null };
    return {
      status: this.#last.restorable ? 'ENABLED' : 'DISABLED',
      observedAt: new Date(performance.timeOrigin + this.#last.at).toISOString(),
    };
  }
}
