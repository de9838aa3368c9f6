// Decides whether a call that refuses permanent deletions may send any: by a proof, the deployment's setting, or the
// probe.

import type { Videos } from '../upstream/videos.ts';
import type { OnWait } from '../upstream/wait-clocks.ts';
import { type Failed, failed } from './outcomes.ts';
import { type ProbeCall, type ProbeResult, probe } from './probe.ts';
import type { RiskWindow } from './risk-window.ts';
import { SharedProbe } from './shared-probe.ts';
import type { VideoRestore } from './video-restore.ts';

/** `VIDEO_RESTORE`: the deployment states it (`on`, `off`), or has the gateway find out (`probe`). */
export type VideoRestoreSetting = 'probe' | 'on' | 'off';

export class Restorability {
  readonly #setting: VideoRestoreSetting;
  readonly #riskWindow: RiskWindow;
  readonly videoRestore: VideoRestore;
  readonly #sharedProbe: SharedProbe;
  readonly #onWait: OnWait;

  /** @param onWait - called while a call waits for a probe. */
  constructor(
    videos: Videos,
    riskWindow: RiskWindow,
    videoRestore: VideoRestore,
    setting: VideoRestoreSetting,
    onWait: OnWait = () => () => {},
  ) {
    this.#onWait = onWait;
    this.#riskWindow = riskWindow;
    this.#setting = setting;
    this.videoRestore = videoRestore;
    this.#sharedProbe = new SharedProbe((call) => probe(videos, riskWindow, videoRestore, call));
  }

  /** @returns undefined if the call may send deletions, else the failure of each of its ids. */
  async refusal(call: ProbeCall): Promise<Failed | undefined> {
    const refused = failed('PERMANENT_DELETION_REFUSED');
    if (this.#setting === 'off') return refused;
    const verdict = this.videoRestore.verdict();
    if (verdict === 'permanent') return refused;
    if (!this.#riskWindow.isStopped) {
      if (verdict === 'restorable') return undefined;
      // The setting "on" holds unless the latest deletion that was observed destroyed its video.
      if (this.#setting === 'on') return undefined;
    }
    const result = await this.#probe(call);
    if (result === 'restorable') return undefined;
    return result === 'permanent' ? refused : result;
  }

  /** Whether deleting a video twice does no more than once. If unknown, the probe finds out on its own video. */
  async isSecondDeleteHarmless(call: ProbeCall): Promise<boolean> {
    const { videoRestore } = this;
    if (videoRestore.secondDelete === 'unknown' && videoRestore.verdict() !== 'permanent') {
      await this.#probe(call);
    }
    return videoRestore.isSecondDeleteHarmless;
  }

  async #probe(call: ProbeCall): Promise<ProbeResult> {
    const endWait = this.#onWait('proof', () => performance.now());
    const result = await this.#sharedProbe.run(call);
    endWait();
    if (typeof result !== 'string') return result;
    // Other deletions may have shown more since. What remains in doubt stops the window.
    return this.videoRestore.verdict() === 'permanent' ? 'permanent' : 'restorable';
  }
}
