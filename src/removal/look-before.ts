// The look at one video before its deletion: whether there must be one, whether it is recent enough, and what it decides.
// `look-ahead.ts` has the looks of a whole batch.

import type { Caller } from '../upstream/caller.ts';
import type { Look } from './look.ts';
import { lookAfterWrite } from './look-after-write.ts';
import type { LooksAhead } from './look-ahead.ts';
import { toNotSent } from './not-sent.ts';
import { type DeleteOutcome, failed } from './outcomes.ts';
import type { RecentWrite } from './recent-writes.ts';
import type { RemovalProject } from './removal-project.ts';

export type LookBeforeCall = {
  /** Whether to send deletions that could not be restored. */
  readonly ifPermanent: 'refuse' | 'allow';
  readonly looker: Caller;
  /** The batch's own looks at its videos, if it has begun any. */
  readonly looksAhead: () => LooksAhead | undefined;
};

export class LookBefore {
  readonly #project: RemovalProject;
  readonly #id: string;
  readonly #call: LookBeforeCall;
  readonly #earlier: RecentWrite | undefined;
  #hasLookedAhead = false;
  /** When the latest look began that showed the video live. */
  #seenLiveAt: number | undefined;

  /** @param earlier - our last act on the video, if it is so recent that reads may not show it yet. */
  constructor(project: RemovalProject, id: string, call: LookBeforeCall, earlier: RecentWrite | undefined) {
    this.#project = project;
    this.#id = id;
    this.#call = call;
    this.#earlier = earlier;
  }

  /**
   * Whether a look must come first. Only a look distinguishes a destroyed video from one that never was; and where a
   * second DELETE may destroy, only a recent one shows that this would be the first.
   */
  get isNeeded(): boolean {
    const { videoRestore, videos } = this.#project;
    if (!videoRestore.isSecondDeleteHarmless)
      return performance.now() - (this.#seenLiveAt ?? Number.NEGATIVE_INFINITY) > videos.lagMs;
    const { ifPermanent, looksAhead } = this.#call;
    const isAsked = ifPermanent === 'allow' || this.#earlier !== undefined || looksAhead()?.has(this.#id);
    return isAsked === true && !this.hasSeenLive;
  }

  get hasSeenLive(): boolean {
    return this.#seenLiveAt !== undefined;
  }

  /** Takes account of another look at the video. */
  note(look: Look): void {
    if (look.kind === 'live') this.#seenLiveAt = look.begunAt;
  }

  /** One read, for a look that has become too old. If it does not show the video live, a whole look must follow. */
  async repeat(): Promise<void> {
    const begunAt = performance.now();
    const { videos } = this.#project;
    const video = await videos.find(this.#id, ['live'], 'check', this.#call.looker).catch(() => null);
    if (video && !video.removed) this.note({ kind: 'live', video, begunAt });
  }

  /** @returns the outcome if the video is not live, so that no deletion must be sent. */
  async run(): Promise<DeleteOutcome | undefined> {
    const look = await this.#look();
    this.note(look);
    switch (look.kind) {
      case 'live':
        return undefined;
      case 'removed':
        return { kind: 'removed', alreadyRemoved: true, video: look.video };
      case 'absent':
        return failed('NOT_FOUND');
      case 'unavailable':
        return toNotSent(look.cause);
    }
  }

  async #look(): Promise<Look> {
    const { videos, recentWrites } = this.#project;
    const ahead = this.#call.looksAhead();
    if (ahead?.has(this.#id) && !this.#hasLookedAhead) {
      this.#hasLookedAhead = true;
      const { look, begunAt } = await ahead.of(this.#id);
      // Reads may show the state before our own acts. The lock keeps further ones away.
      if (recentWrites.since(this.#id, begunAt - videos.lagMs) === undefined) return look;
    }
    const earlier = this.#earlier;
    return lookAfterWrite(videos, this.#id, this.#call.looker, {
      goal: earlier?.state ?? 'live',
      answer: earlier?.state ? 'done' : 'lost',
      sent: undefined,
      endedAt: earlier?.at ?? Number.NEGATIVE_INFINITY,
    });
  }
}
