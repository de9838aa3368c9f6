// Decides whether a call that refuses permanent deletions may begin: by a proof, the deployment's setting, or the
// probe.

import { endsInTime } from '../upstream/ends-in-time.ts';
import type { Videos } from '../upstream/videos.ts';
import { type Failed, failed } from './outcomes.ts';
import { type ProbeCall, type ProbeResult, probe } from './probe.ts';
import type { VideoRestore } from './video-restore.ts';

/** `VIDEO_RESTORE`: the deployment states it (`on`, `off`), or has the gateway find out (`probe`). */
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

  /** @returns undefined if the call may begin, else the failure of each of its ids. */
  async refusal(call: ProbeCall): Promise<Failed | undefined> {
    const refused = failed('PERMANENT_DELETION_REFUSED');
    if (this.#setting === 'off') return refused;
    const verdict = this.videoRestore.verdict();
    if (verdict === 'restorable') return undefined;
    if (verdict === 'permanent') return refused;
    // The setting "on" holds unless the latest deletion that was observed destroyed its video.
    if (this.#setting === 'on' && !this.videoRestore.lastSeenPermanent) return undefined;
    const result = await this.#probe(call);
    if (result === 'restorable') return undefined;
    return result === 'permanent' ? refused : result;
  }

  /** Probes whether deletions are restorable now, whatever was known before. */
  async prove(call: ProbeCall): Promise<boolean> {
    return (await this.#probe(call)) === 'restorable';
  }

  /** Whether deleting a video twice does no more than once. If unknown, the probe finds out on its own video. */
  async isSecondDeleteHarmless(call: ProbeCall): Promise<boolean> {
    const { videoRestore } = this;
    if (videoRestore.secondDelete === 'unknown' && videoRestore.verdict() !== 'permanent') {
      await this.#probe(call);
    }
    return videoRestore.isSecondDeleteHarmless;
  }

  /** Keeps one probe in flight per project, shared by all waiting calls; each waits no longer than its own deadline. */
  async #probe(call: ProbeCall): Promise<ProbeResult> {
    for (;;) {
      const isOwn = this.#probing === undefined;
      this.#probing ??= probe(this.#videos, this.videoRestore, call).finally(() => {
        this.#probing = undefined;
      });
      const probing = this.#probing;
      if (!(await endsInTime(probing, call.check))) return failed('NOT_ATTEMPTED');
      const result = await probing;
      // A probe that another call began may fail because that call timed out or its client disconnected. This call has
      // time left, so it probes again.
      const { signal, deadline } = call.write;
      const isOver = signal?.aborted || performance.now() >= deadline;
      if (typeof result !== 'string') {
        if (isOwn || isOver) return result;
        continue;
      }
      // Another deletion may have destroyed its video since the probe's own was seen to be restorable.
      return this.videoRestore.verdict() === 'restorable' ? 'restorable' : 'permanent';
    }
  }
}
