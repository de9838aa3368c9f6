// May a call that refuses permanent deletions begin? Answered by a proof, the deployment's word, or the probe.

import { pause } from '../upstream/pause.ts';
import { BudgetExhaustedError } from '../upstream/upstream-errors.ts';
import type { Videos } from '../upstream/videos.ts';
import { toNotSent } from './not-sent.ts';
import { type Failed, failed } from './outcomes.ts';
import { type ProbeCall, probe } from './probe.ts';
import type { VideoRestore } from './video-restore.ts';

/** `VIDEO_RESTORE`: what the deployment says, or that it is to be found out. */
export type VideoRestoreSetting = 'probe' | 'on' | 'off';

export class Restorability {
  readonly #videos: Videos;
  readonly #setting: VideoRestoreSetting;
  readonly videoRestore: VideoRestore;
  #probing: Promise<void> | undefined;

  constructor(videos: Videos, videoRestore: VideoRestore, setting: VideoRestoreSetting) {
    this.#videos = videos;
    this.#setting = setting;
    this.videoRestore = videoRestore;
  }

  /** @returns undefined where the call may begin, else what every id of it is answered. */
  async refusal(call: ProbeCall): Promise<Failed | undefined> {
    const refused = failed('PERMANENT_DELETION_REFUSED');
    if (this.#setting === 'off') return refused;
    const verdict = this.videoRestore.verdict();
    if (verdict === 'restorable') return undefined;
    if (verdict === 'permanent') return refused;
    // A deployment's "on" holds until a deletion was seen to destroy.
    if (this.#setting === 'on' && !this.videoRestore.lastSeenPermanent) return undefined;
    try {
      await this.#probe(call);
    } catch (error) {
      return toNotSent(error);
    }
    return this.videoRestore.verdict() === 'restorable' ? undefined : refused;
  }

  /** Has the probe prove that removing is restorable now, whatever was known before. */
  async prove(call: ProbeCall): Promise<boolean> {
    try {
      await this.#probe(call);
    } catch {
      return false;
    }
    return this.videoRestore.verdict() === 'restorable';
  }

  /** Whether deleting a video twice does no more than once. Where nobody knows, the probe video shows it. */
  async isSecondDeleteHarmless(call: ProbeCall): Promise<boolean> {
    const { videoRestore } = this;
    if (videoRestore.secondDelete === 'unknown' && videoRestore.verdict() !== 'permanent') {
      await this.#probe(call).catch(() => {});
    }
    return videoRestore.isSecondDeleteHarmless;
  }

  /** One that another call began may end with that call's patience, or its client: this one's own is still ahead. */
  async #probe(call: ProbeCall): Promise<void> {
    for (;;) {
      const isOwn = this.#probing === undefined;
      try {
        return await this.#joinProbe(call);
      } catch (error) {
        const { signal, deadline } = call.write;
        if (isOwn || signal?.aborted || performance.now() >= deadline) throw error;
      }
    }
  }

  /** One probe in flight a project, whoever waits for it; each waits no longer than its own deadline. */
  async #joinProbe(call: ProbeCall): Promise<void> {
    this.#probing ??= probe(this.#videos, this.videoRestore, call).finally(() => {
      this.#probing = undefined;
    });
    const { check } = call;
    const over = new AbortController();
    const signal = check.signal ? AbortSignal.any([over.signal, check.signal]) : over.signal;
    const left = Math.max(0, check.deadline - performance.now());
    const waited = pause(left, { deadline: Number.POSITIVE_INFINITY, signal }).then(() => {
      throw new BudgetExhaustedError(undefined);
    });
    try {
      await Promise.race([this.#probing, waited]);
    } finally {
      over.abort();
    }
  }
}
