// May a call that refuses permanent deletions begin? Answered by a proof, the deployment's word, or the probe.

import { endsInTime } from '../upstream/ends-in-time.ts';
import type { Videos } from '../upstream/videos.ts';
import { type Failed, failed } from './outcomes.ts';
import { type ProbeCall, type ProbeResult, probe } from './probe.ts';
import type { VideoRestore } from './video-restore.ts';

/** `VIDEO_RESTORE`: what the deployment says, or that it is to be found out. */
export type VideoRestoreSetting = 'probe' | 'on' | 'off';

export class Restorability {
  readonly #videos: Videos;
  readonly #setting: VideoRestoreSetting;
  readonly videoRestore: VideoRestore;
  #probing: Promise<ProbeResult> | undefined;

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
    const result = await this.#probe(call);
    if (result === 'restorable') return undefined;
    return result === 'permanent' ? refused : result;
  }

  /** Has the probe prove that removing is restorable now, whatever was known before. */
  async prove(call: ProbeCall): Promise<boolean> {
    return (await this.#probe(call)) === 'restorable';
  }

  /** Whether deleting a video twice does no more than once. Where nobody knows, the probe video shows it. */
  async isSecondDeleteHarmless(call: ProbeCall): Promise<boolean> {
    const { videoRestore } = this;
    if (videoRestore.secondDelete === 'unknown' && videoRestore.verdict() !== 'permanent') {
      await this.#probe(call);
    }
    return videoRestore.isSecondDeleteHarmless;
  }

  /** One probe in flight a project, whoever waits for it; each waits no longer than its own deadline. */
  async #probe(call: ProbeCall): Promise<ProbeResult> {
    for (;;) {
      const isOwn = this.#probing === undefined;
      this.#probing ??= probe(this.#videos, this.videoRestore, call).finally(() => {
        this.#probing = undefined;
      });
      const probing = this.#probing;
      if (!(await endsInTime(probing, call.check))) return failed('NOT_ATTEMPTED');
      const result = await probing;
      // The probe of another call may have ended with that call's time, or its client: this one's own are still ahead.
      const { signal, deadline } = call.write;
      const isOver = signal?.aborted || performance.now() >= deadline;
      if (isOwn || isOver || typeof result === 'string') return result;
    }
  }
}
