// Tracks a project's Video Restore feature by the observed effects of the gateway's own deletions. It sends nothing
// itself.
import type { Sent } from '../upstream/upstream-clock.ts';

/** How long calls may start on a proof. */
const PROOF_HOLDS_MS = 10 * 60_000;
/** How long a refutation refuses calls without another probe. */
const REFUTATION_HOLDS_MS = 60_000;

/** `isCertain`: it is reason enough to refuse calls. */
type Observation = { readonly restorable: boolean; readonly at: number; readonly isCertain: boolean };

export class VideoRestore {
  #last: Observation | undefined;
  /** The effect of a second DELETE of a removed video; it must be observed before the gateway risks one. */
  secondDelete: 'unknown' | 'refused' | 'harmless' | 'destroys' = 'unknown';

  /** Whether a second DELETE was observed to leave a removed video unchanged. */
  get isSecondDeleteHarmless(): boolean {
    return this.secondDelete === 'refused' || this.secondDelete === 'harmless';
  }

  /** Records a deletion of ours that was restorable. The proof is as old as its send. */
  proved({ sentAt }: Sent): void {
    this.#observe({ restorable: true, at: sentAt, isCertain: true });
  }

  /**
   * Records a deletion of ours that destroyed its video.
   *
   * @param isProbe - it was the probe's. Anybody may have destroyed or removed a caller's video at the same time, so such
   *   a deletion gives reason to probe, and no more.
   */
  refuted({ sentAt }: Sent, isProbe = false): void {
    this.#observe({ restorable: false, at: sentAt, isCertain: isProbe });
  }

  #observe(observation: Observation): void {
    // Deletions with ALLOW may go on destroying: the probe's word holds for its whole minute.
    if (!observation.isCertain && this.verdict() === 'permanent') return;
    if (!this.#last || observation.at >= this.#last.at) this.#last = observation;
  }

  /** The conclusion that is recent enough to act on now. */
  verdict(): 'restorable' | 'permanent' | 'unknown' {
    if (!this.#last) return 'unknown';
    const age = performance.now() - this.#last.at;
    if (this.#last.restorable) return age < PROOF_HOLDS_MS ? 'restorable' : 'unknown';
    return this.#last.isCertain && age < REFUTATION_HOLDS_MS ? 'permanent' : 'unknown';
  }

  /** Whether the newest observation, however old, shows a destroyed video. */
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
