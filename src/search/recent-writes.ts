// Records this gateway's own recent acts on videos. Upstream's reads may still show the state before them, and looks
// from before them are outdated: neither may decide what to do with the video.
import { toOwnText } from '../upstream/video-id.ts';

/** How long a deletion that was lost or failed may still take effect. */
export const OPEN_MS = 3 * 60_000;
/** Longer than any call lasts, also one of an operation, so that each can ask what happened since it began. */
const KEPT_MS = 20 * 60_000;

/** An act on a video that has ended. */
export type RecentWrite = {
  /** The state that the video is known to be in since; undefined if that is not known. */
  readonly state: 'live' | 'removed' | undefined;
  /** When it ended, on the clock of `performance.now()`. */
  readonly at: number;
  /** When the latest deletion ended that may still take effect; undefined if there is none. */
  readonly openDeletionAt?: number | undefined;
};

export class RecentWrites {
  /** Oldest first. */
  readonly #writes = new Map<string, RecentWrite>();
  readonly #onNote: (id: string) => void;

  /** @param onNote - called after every act. */
  constructor(onNote: (id: string) => void = () => {}) {
    this.#onNote = onNote;
  }

  /** Records that an act on a video has ended. `state`: the state that it is known to be in since. */
  note(id: string, state: RecentWrite['state'], act: 'delete' | 'restore'): void {
    const now = performance.now();
    // A restore does not settle a deletion that may take effect after it.
    const open = act === 'restore' ? this.#writes.get(id)?.openDeletionAt : state ? undefined : now;
    this.#writes.delete(id);
    this.#writes.set(toOwnText(id), { state, at: now, openDeletionAt: open });
    for (const [old, { at }] of this.#writes) {
      if (at > now - KEPT_MS) break;
      this.#writes.delete(old);
    }
    this.#onNote(id);
  }

  /** Our last act on the video, for as long as it is kept. */
  latest(id: string): RecentWrite | undefined {
    return this.since(id, Number.NEGATIVE_INFINITY);
  }

  /** How long a deletion of ours may still take effect that was lost or failed, in milliseconds; 0 if there is none. */
  openDeletionMs(id: string): number {
    const openAt = this.#writes.get(id)?.openDeletionAt;
    return openAt === undefined ? 0 : Math.max(0, openAt + OPEN_MS - performance.now());
  }

  /** Our last act on the video, if it ended after that time on the clock of `performance.now()`. */
  since(id: string, time: number): RecentWrite | undefined {
    const write = this.#writes.get(id);
    return write && write.at > time ? write : undefined;
  }
}
