// The look at one video before its deletion: whether there must be one, whether it is recent enough, and what it decides.
// `batch.ts` has the searches of a whole batch.

import type { Look } from '../search/look.ts';
import type { RecentWrite } from '../search/recent-writes.ts';
import type { Caller } from '../upstream/caller.ts';
import { lookAfterWrite } from './look-after-write.ts';
import { toNotSent } from './not-sent.ts';
import { type DeleteOutcome, type Failed, failed, notAttempted } from './outcomes.ts';
import type { RemovalProject } from './removal-project.ts';

/** Writes may wait much longer than this for upstream's budget. */
const FRESH_MS = 60_000;

export type LookBeforeCall = {
  /** Whether to send deletions that could not be restored. */
  readonly ifPermanent: 'refuse' | 'allow';
  readonly looker: Caller;
  /** When the call came, on the clock of `performance.now()`. */
  readonly begunAt: number;
  /** Why nothing more may be sent, if it may not. May probe. */
  readonly refusal: () => Promise<Failed | undefined>;
  /** Whether a second DELETE is known to be harmless. May probe. */
  readonly mayRepeat: () => Promise<boolean>;
};

export class LookBefore {
  readonly #project: RemovalProject;
  readonly #id: string;
  readonly #call: LookBeforeCall;
  readonly #earlier: RecentWrite | undefined;
  /** Whether the effect of an earlier act of ours is not known. */
  readonly #isUnsettled: boolean;
  /** What a search of the batch has shown; undefined if there was none, and once it is used. */
  #ahead: Look | undefined;
  /** When the latest look began that showed the video live. */
  #seenLiveAt: number | undefined;

  /**
   * @param ahead - what a search of the batch has shown.
   * @param earlier - our last act on the video, if it is so recent that reads may not show it yet.
   */
  constructor(
    project: RemovalProject,
    id: string,
    call: LookBeforeCall,
    ahead: Look | undefined,
    earlier: RecentWrite | undefined,
  ) {
    this.#project = project;
    this.#id = id;
    this.#call = call;
    this.#ahead = ahead;
    this.#earlier = earlier;
    const latest = project.recentWrites.latest(id);
    this.#isUnsettled = latest !== undefined && latest.state === undefined;
  }

  /**
   * Whether a look must come first. Only a look distinguishes a destroyed video from one that never was, and
   * what an unsettled act did from what this one does; and where a second DELETE may destroy, only a recent one shows that
   * this would be the first.
   */
  get isNeeded(): boolean {
    const { videoRestore, videos } = this.#project;
    if (!videoRestore.isSecondDeleteHarmless)
      return performance.now() - (this.#seenLiveAt ?? Number.NEGATIVE_INFINITY) > videos.lagMs;
    const isOurs = this.#earlier !== undefined || this.#isUnsettled;
    const isAsked = this.#call.ifPermanent === 'allow' || isOurs || this.#ahead !== undefined;
    return isAsked && !this.hasSeenLive;
  }

  get hasSeenLive(): boolean {
    return this.#seenLiveAt !== undefined;
  }

  get hasJustSeenLive(): boolean {
    return isFresh(this.#seenLiveAt);
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

  /** @returns the outcome if no deletion must be sent: the video is not live, or an earlier deletion may still act. */
  async run(): Promise<DeleteOutcome | undefined> {
    const look = await this.#look();
    this.note(look);
    return toOutcomeUnsent(look) ?? (await this.#waitForEarlier());
  }

  /** An earlier deletion that still takes effect would be a second DELETE after this one, which nobody allowed. */
  async #waitForEarlier(): Promise<Failed | undefined> {
    const { recentWrites } = this.#project;
    const { ifPermanent, mayRepeat, refusal } = this.#call;
    if (ifPermanent === 'allow' || recentWrites.openDeletionMs(this.#id) === 0) return undefined;
    if (await mayRepeat()) return undefined;
    const waitMs = Math.max(1, recentWrites.openDeletionMs(this.#id));
    return (await refusal()) ?? notAttempted('earlierDeletion', Math.ceil(waitMs / 1000));
  }

  async #look(): Promise<Look> {
    const { videos } = this.#project;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead && !isOutdated(ahead, this.#id, this.#call.begunAt, this.#project)) return ahead;
    const earlier = this.#earlier;
    return lookAfterWrite(videos, this.#id, this.#call.looker, {
      goal: earlier?.state ?? 'live',
      answer: earlier?.state ? 'done' : 'lost',
      sent: undefined,
      endedAt: earlier?.at ?? Number.NEGATIVE_INFINITY,
    });
  }
}

/** Whether a look is so recent that it shows the state before what is sent now. @param at - when it began. */
export function isFresh(at: number | undefined): boolean {
  return at !== undefined && performance.now() - at < FRESH_MS;
}

/** The outcome of a video that is not live, so that no deletion is sent; undefined for one that is. */
export function toOutcomeUnsent(look: Look): DeleteOutcome | undefined {
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

/** Whether an act of ours may have changed what a search of this call has shown. The lock keeps further ones away. */
export function isOutdated(
  look: Look,
  id: string,
  callBegunAt: number,
  { recentWrites, videos, absences }: Pick<RemovalProject, 'recentWrites' | 'videos' | 'absences'>,
): boolean {
  if (look.kind === 'unavailable') return false;
  // Such acts end what is remembered.
  if (look.kind === 'absent' && absences.has(id)) return false;
  const begunAt = look.kind === 'absent' ? callBegunAt : look.begunAt;
  return recentWrites.since(id, begunAt - videos.lagMs) !== undefined;
}
